namespace OrleansPbft.Cryptography;

/// <summary>How often something may happen: so many times at once, and so many each second in the long run. Not thread-safe.</summary>
internal sealed class TokenBucket(int burst, double eachSecond, long ticksPerSecond)
{
    private double _tokens = burst;
    private long _at = long.MinValue;

    /// <summary>Whether it may happen now.</summary>
    public bool HasRoom(long now)
    {
        if (_at != long.MinValue) _tokens = Math.Min(burst, _tokens + (Math.Max(0, now - _at) * eachSecond / ticksPerSecond));
        _at = now;
        return _tokens >= 1;
    }

    /// <summary>It happens.</summary>
    public void Take() => _tokens--;
}
