namespace OrleansPbft.Client;

/// <summary>The journal of one replica.</summary>
public sealed record JournalDocument
{
    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>How durable its votes are, as <c>Pbft:Durability</c> says.</summary>
    public required string Durability { get; init; }

    /// <summary>Bytes it takes on the medium.</summary>
    public required long Bytes { get; init; }

    /// <summary>Segments it consists of.</summary>
    public required int Segments { get; init; }

    /// <summary>How often the medium was asked to make something durable.</summary>
    public required long Flushes { get; init; }

    /// <summary>How long the replica waited for one over the last ten seconds: half took no longer, in microseconds; null where there was none.</summary>
    public long? FlushP50Us { get; init; }

    /// <summary>99 of 100 took no longer, in microseconds; null where there was none.</summary>
    public long? FlushP99Us { get; init; }
}
