using OrleansPbft.Core;
using OrleansPbft.Journal;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>What of a replica survives its crash.</summary>
internal abstract class ReplicaDisk
{
    /// <summary>Begins a life on it.</summary>
    /// <param name="records">What the lives before made durable, for <see cref="Replica.Recover"/>.</param>
    /// <returns>Where this life makes its records durable.</returns>
    public abstract IReplicaJournal Open(out IEnumerable<JournalRecord> records);

    /// <summary>The life on it ended, with what was not durable.</summary>
    public abstract void Crash();

    /// <summary>It is replaced by an empty one. Nobody lives on it.</summary>
    public abstract void Lose();

    /// <summary>Another with the same on it.</summary>
    public abstract ReplicaDisk Copy();

    /// <summary>A hash of all that is on it: equal runs, equal hashes.</summary>
    public virtual ulong Hash => 0;
}
