namespace OrleansPbft.Client;

/// <summary>Percentiles of a time, in microseconds.</summary>
public sealed record LatencyDocument
{
    /// <summary>Half took no longer.</summary>
    public required long P50Us { get; init; }

    /// <summary>90 of 100 took no longer.</summary>
    public required long P90Us { get; init; }

    /// <summary>99 of 100 took no longer.</summary>
    public required long P99Us { get; init; }
}
