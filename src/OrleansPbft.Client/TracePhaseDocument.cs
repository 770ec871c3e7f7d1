namespace OrleansPbft.Client;

/// <summary>How long one replica was in one phase of a trace.</summary>
public sealed record TracePhaseDocument
{
    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>pre-prepare, prepare, commit, execute or reply; of a view change suspect and change; of a checkpoint, stabilise.</summary>
    public required string Phase { get; init; }

    /// <summary>When it began, in microseconds after the trace's start.</summary>
    public required long BeganUs { get; init; }

    /// <summary>When it was over, in microseconds after the trace's start; null while it is not.</summary>
    public long? EndedUs { get; init; }
}
