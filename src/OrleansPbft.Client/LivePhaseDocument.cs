namespace OrleansPbft.Client;

/// <summary>How long slots were in one phase at one replica, of late.</summary>
public sealed record LivePhaseDocument
{
    /// <summary>The phases there are, in their order.</summary>
    public static IReadOnlyList<string> Phases { get; } = [SpanNames.PrePrepare, SpanNames.Prepare, SpanNames.Commit, SpanNames.Execute];

    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>One of <see cref="Phases"/>: pre-prepare, prepare, commit or execute.</summary>
    public required string Phase { get; init; }

    /// <summary>Half took no longer, in microseconds.</summary>
    public required long P50Us { get; init; }

    /// <summary>99 of 100 took no longer, in microseconds.</summary>
    public required long P99Us { get; init; }

    /// <summary>How many there were.</summary>
    public required long Count { get; init; }
}
