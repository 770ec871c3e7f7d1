namespace OrleansPbft.Faults;

/// <summary>xoshiro256** seeded by SplitMix64: our own, so that a seed means the same run on every runtime.</summary>
public sealed class Prng
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>Starts the sequence of a seed.</summary>
    public Prng(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number of <paramref name="min"/> .. <paramref name="max"/>, both included.</summary>
    public int Between(int min, int max) => (int)Between((long)min, max);

    /// <summary>A span of <paramref name="min"/> .. <paramref name="max"/>, in whole microseconds.</summary>
    public TimeSpan Between(TimeSpan min, TimeSpan max) =>
        TimeSpan.FromMicroseconds(Between((long)min.TotalMicroseconds, (long)max.TotalMicroseconds));

    /// <summary>Whether something happens that happens <paramref name="perMille"/> times in a thousand.</summary>
    public bool Chance(int perMille) => perMille > 0 && Between(0, 999) < perMille;

    /// <summary>Whether something happens that happens at a rate of 0 (never) to 1 (always).</summary>
    public bool Happens(double rate) => (Next() >> 11) * (1.0 / (1UL << 53)) < rate;

    /// <summary>One of several.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Between(0, choices.Length - 1)];

    /// <summary>Another generator, so that what is drawn in one place does not move what is drawn in another.</summary>
    public Prng Fork() => new(Next());

    private long Between(long min, long max)
    {
        var range = (ulong)(max - min) + 1;
        return min + (long)(ulong)(((UInt128)Next() * range) >> 64);
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
