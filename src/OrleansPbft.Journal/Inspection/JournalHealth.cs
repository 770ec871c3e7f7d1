namespace OrleansPbft.Journal.Inspection;

/// <summary>What state a journal is in.</summary>
public enum JournalHealth
{
    /// <summary>There is none.</summary>
    Empty = 0,

    /// <summary>All that was durable is there.</summary>
    Sound,

    /// <summary>The same; at its end is what a crash left unfinished, or what its owner is just writing. The next opening cuts it off.</summary>
    TornTail,

    /// <summary>Something that was durable is missing, or is not what it was.</summary>
    Damaged,
}
