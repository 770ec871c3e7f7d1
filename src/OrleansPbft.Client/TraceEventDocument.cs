namespace OrleansPbft.Client;

/// <summary>Something that happened at a replica in the time of a trace, in words.</summary>
public sealed record TraceEventDocument
{
    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>When, in microseconds after the trace's start.</summary>
    public required long AtUs { get; init; }

    /// <summary>What.</summary>
    public required string Text { get; init; }
}
