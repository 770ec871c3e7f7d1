namespace OrleansPbft.Simulation.Cluster;

/// <summary>How one node's loop runs.</summary>
internal sealed record LoopOptions
{
    /// <summary>How many inputs are stepped before their effects are performed.</summary>
    public int InputsPerDrain { get; init; } = 64;

    /// <summary>From an input's arrival at an idle machine to its step.</summary>
    public TimeSpan DrainAfter { get; init; } = TimeSpan.Zero;

    /// <summary>How long making a drain's records durable takes.</summary>
    public TimeSpan FlushTime { get; init; } = TimeSpan.Zero;

    /// <summary>How far the node's clock is ahead; behind when negative.</summary>
    public TimeSpan ClockOffset { get; init; } = TimeSpan.Zero;
}
