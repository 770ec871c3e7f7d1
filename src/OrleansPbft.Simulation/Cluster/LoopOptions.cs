using OrleansPbft.Core;

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

    /// <summary>How much faster than time the node's clock runs, in millionths; slower when negative.</summary>
    public int ClockDriftPerMillion { get; init; }

    /// <summary>What the node's clock shows at an instant.</summary>
    public Instant Shown(Instant real)
    {
        var elapsed = real.Microseconds - VirtualTime.Start.Microseconds;
        return new Instant(real.Microseconds + (elapsed * ClockDriftPerMillion / 1_000_000)).Plus(ClockOffset);
    }

    /// <summary>When the node's clock shows <paramref name="shown"/>, or a moment later.</summary>
    public Instant When(Instant shown)
    {
        var elapsed = shown.Plus(-ClockOffset).Microseconds - VirtualTime.Start.Microseconds;
        var real = new Instant(VirtualTime.Start.Microseconds + (long)((Int128)elapsed * 1_000_000 / (1_000_000 + ClockDriftPerMillion)));
        while (Shown(real) < shown) real = new(real.Microseconds + 1);
        return real;
    }
}
