using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary>A journal that was opened, and what it held.</summary>
public sealed class RecoveredJournal
{
    internal RecoveredJournal(ReplicaJournal journal, IEnumerable<JournalRecord> records, bool isNew, TornTail? torn)
    {
        Journal = journal;
        Records = records;
        IsNew = isNew;
        Torn = torn;
    }

    /// <summary>The journal, to append to.</summary>
    public ReplicaJournal Journal { get; }

    /// <summary>What was durable: for <see cref="Replica.Recover"/>. Read from the files each time it is gone through; to be gone through before anything is appended.</summary>
    public IEnumerable<JournalRecord> Records { get; }

    /// <summary>Whether nothing of this replica is in it: it never ran here, or its journal was lost. Such a replica may have voted in a life that it
    /// knows nothing of, and joins as a learner: <see cref="Replica.Join"/> (rule D-5).</summary>
    public bool IsNew { get; }

    /// <summary>What a crash had left unfinished and was cut off; null where nothing was.</summary>
    public TornTail? Torn { get; }
}
