using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary>Where one replica makes its votes durable before it speaks (rule D-1). Called by one turn at a time.</summary>
public interface IReplicaJournal
{
    /// <summary>Adds a record behind those appended before. It is durable once a flush that began later has ended.</summary>
    /// <param name="record">What to keep.</param>
    /// <exception cref="ArgumentException"><paramref name="record"/> records nothing.</exception>
    void Append(in JournalRecord record);

    /// <summary>Makes everything appended so far durable: one flush serves all effects that wait for it.</summary>
    /// <param name="cancellationToken">Stops waiting; what was appended may or may not be durable then.</param>
    /// <returns>Complete when it is durable. A failure means that nothing may be said that relies on it.</returns>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
