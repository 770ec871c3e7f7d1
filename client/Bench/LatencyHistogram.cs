using System.Numerics;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Counts durations in buckets that are at most 1/128 of their value wide, from 1 µs to more than an hour, in fixed memory.</summary>
/// <remarks>Log-linear, as in HdrHistogram: below 128 µs a bucket is 1 µs; above, every doubling has 128 buckets. For one writer; add
/// several up with <see cref="Add"/>.</remarks>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;

    /// <summary>The longest duration told apart: 2^33 µs, 2.4 hours. A longer one counts as that.</summary>
    public const long MicrosecondsMax = (1L << 33) - 1;

    private readonly long[] _counts = new long[IndexOf(MicrosecondsMax) + 1];
    private long _max;

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, exactly; zero when there is none.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(_max);

    /// <summary>Records one duration. A negative one counts as zero.</summary>
    public void Record(TimeSpan duration)
    {
        var microseconds = Math.Clamp((long)duration.TotalMicroseconds, 0, MicrosecondsMax);
        _counts[IndexOf(microseconds)]++;
        _max = Math.Max(_max, microseconds);
        Count++;
    }

    /// <summary>Adds what another one recorded.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        _max = Math.Max(_max, other._max);
        Count += other.Count;
    }

    /// <summary>The duration that so many per cent of those recorded do not exceed: never too low, and at most 1/128 too high.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <returns>Zero when nothing was recorded.</returns>
    public TimeSpan Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var rank = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return TimeSpan.FromMicroseconds(Math.Min(HighestOf(i), _max));
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long microseconds)
    {
        if (microseconds < SubBuckets) return (int)microseconds;
        var shift = BitOperations.Log2((ulong)microseconds) - SubBits;
        return (shift << SubBits) + (int)(microseconds >> shift);
    }

    private static long HighestOf(int index)
    {
        if (index < 2 * SubBuckets) return index;
        var shift = (index >> SubBits) - 1;
        var sub = (index & (SubBuckets - 1)) + SubBuckets;
        return ((sub + 1L) << shift) - 1;
    }
}
