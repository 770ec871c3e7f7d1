namespace OrleansPbft.Journal;

/// <summary>Whether a journal can make anything durable.</summary>
public enum JournalState
{
    /// <summary>It can.</summary>
    Healthy = 0,

    /// <summary>There was no room. It can again as soon as there is: <see cref="ReplicaJournal.TryResume"/>, or the next flush, finds out.</summary>
    OutOfSpace,

    /// <summary>It failed, for good: see <see cref="JournalFailedException"/>.</summary>
    Failed,

    /// <summary>It was opened again, and this opening is over.</summary>
    Fenced,

    /// <summary>It was closed.</summary>
    Closed,
}
