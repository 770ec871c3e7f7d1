namespace OrleansPbft.Client;

/// <summary>One second of a silo's recent past.</summary>
public sealed record LivePointDocument
{
    /// <summary>The second's end: UTC, by the silo's clock.</summary>
    public required DateTime At { get; init; }

    /// <summary>Operations executed in it.</summary>
    public required double OperationsPerSecond { get; init; }

    /// <summary>The median from a request's arrival to its execution, in microseconds; 0 where nothing was executed.</summary>
    public required long P50Us { get; init; }

    /// <summary>The same of which 99 of 100 took no longer.</summary>
    public required long P99Us { get; init; }
}
