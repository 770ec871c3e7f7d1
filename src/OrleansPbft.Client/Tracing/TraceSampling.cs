using System.Diagnostics;

namespace OrleansPbft.Client;

/// <summary>Decides which requests that come without a trace begin one, before anything is spent on them: what is not chosen costs a random number.</summary>
/// <remarks>
/// A sampler of OpenTelemetry is asked for every span that may begin a trace, and where it says no the span is made all the same, for its children to see.
/// So the choice is made here, once for a process, and what is chosen begins with the flag that every sampler which heeds parents lets pass.
/// </remarks>
public static class TraceSampling
{
    // The ratio's bits, so that it is read and written at once; NaN where the listeners' own samplers decide.
    private static long _ratio = BitConverter.DoubleToInt64Bits(double.NaN);

    /// <summary>Which part of the requests begins a trace: 0 (none) to 1 (all). Null, as it is at first: every one may, and the sampler of whoever listens decides.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or above 1.</exception>
    public static double? Ratio
    {
        get => Volatile.Read(ref _ratio) is var bits && BitConverter.Int64BitsToDouble(bits) is var ratio && !double.IsNaN(ratio) ? ratio : null;
        set
        {
            if (value is { } ratio && !(ratio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(value), value, "The ratio must be 0 to 1.");
            Volatile.Write(ref _ratio, BitConverter.DoubleToInt64Bits(value ?? double.NaN));
        }
    }

    /// <summary>Whether a request without a trace begins one, and the context of its first span. Allocates nothing where it does not.</summary>
    internal static bool TryBegin(out ActivityContext root)
    {
        root = default;
        if (Ratio is not { } ratio) return true;
        if (ratio <= 0 || Random.Shared.NextDouble() >= ratio) return false;
        root = RootOf(ActivityTraceId.CreateRandom());
        return true;
    }

    /// <summary>The context of a trace that is recorded in any case: errors, view changes, transfers, recoveries.</summary>
    internal static ActivityContext Always() => RootOf(ActivityTraceId.CreateRandom());

    /// <summary>Whether a trace that several processes begin by themselves, under an id that all of them know, is recorded: by its id, so that all decide equally.</summary>
    internal static bool IsChosen(ActivityTraceId trace)
    {
        if (Ratio is not { } ratio) return true;
        Span<byte> bytes = stackalloc byte[16];
        trace.CopyTo(bytes);
        return (BitConverter.ToUInt64(bytes[8..]) >> 11) * (1.0 / (1UL << 53)) < ratio;
    }

    /// <summary>A parent that is no span: the span under it is the first of its trace, and recorded.</summary>
    internal static ActivityContext RootOf(ActivityTraceId trace) => new(trace, default, ActivityTraceFlags.Recorded);
}
