using System.Numerics;

namespace OrleansPbft.Grains.Recording;

/// <summary>How long something took, second by second of the recent past, in buckets that are at most an eighth wide. Nothing is allocated after the start.</summary>
internal sealed class TimeWindow
{
    /// <summary>How many buckets there are: to somewhat over two hours, in microseconds.</summary>
    public const int Buckets = 256;

    private const int SubBits = 3; // eight buckets to each power of two

    private readonly int[] _counts;
    private readonly long[] _seconds; // which second each part of the counts is of

    /// <summary>Makes room.</summary>
    /// <param name="seconds">How many seconds are kept, the current one included.</param>
    public TimeWindow(int seconds)
    {
        _counts = new int[seconds * Buckets];
        _seconds = new long[seconds];
    }

    /// <summary>Counts one.</summary>
    /// <param name="nowUs">Now, in microseconds.</param>
    /// <param name="tookUs">How long it took, in microseconds.</param>
    public void Add(long nowUs, long tookUs)
    {
        var second = nowUs / 1_000_000;
        var place = (int)(second % _seconds.Length);
        if (_seconds[place] != second)
        {
            _seconds[place] = second;
            Array.Clear(_counts, place * Buckets, Buckets);
        }

        _counts[(place * Buckets) + BucketOf(tookUs)]++;
    }

    /// <summary>Adds the counts of some seconds to a sum.</summary>
    /// <param name="sum">Takes them; of length <see cref="Buckets"/>.</param>
    /// <param name="first">The first second.</param>
    /// <param name="last">The last second; no further from the first than seconds are kept.</param>
    public void SumTo(Span<long> sum, long first, long last)
    {
        for (var second = first; second <= last; second++)
        {
            var place = (int)(second % _seconds.Length);
            if (_seconds[place] != second) continue;
            for (var i = 0; i < Buckets; i++) sum[i] += _counts[(place * Buckets) + i];
        }
    }

    /// <summary>How many there are in a sum.</summary>
    public static long CountOf(ReadOnlySpan<long> sum)
    {
        var count = 0L;
        foreach (var bucket in sum) count += bucket;
        return count;
    }

    /// <summary>The time that so many of a hundred did not exceed, to about a sixteenth, in microseconds; 0 where there are none.</summary>
    public static long PercentileOf(ReadOnlySpan<long> sum, double percent)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(CountOf(sum) * percent / 100));
        var below = 0L;
        for (var i = 0; i < sum.Length; i++)
        {
            below += sum[i];
            if (below >= rank) return MiddleOf(i);
        }

        return 0;
    }

    private static int BucketOf(long tookUs)
    {
        if (tookUs < 1 << SubBits) return (int)Math.Max(0, tookUs);
        var exponent = BitOperations.Log2((ulong)tookUs);
        var bucket = ((exponent - SubBits + 1) << SubBits) + (int)((tookUs >> (exponent - SubBits)) & ((1 << SubBits) - 1));
        return Math.Min(bucket, Buckets - 1);
    }

    private static long MiddleOf(int bucket)
    {
        if (bucket < 2 << SubBits) return bucket;
        var exponent = (bucket >> SubBits) + SubBits - 1;
        var width = 1L << (exponent - SubBits);
        return (((1L << SubBits) + (bucket & ((1 << SubBits) - 1))) * width) + (width / 2);
    }
}
