namespace OrleansPbft.Links;

/// <summary>So many in a second for each key, with a second's worth saved up; who goes beyond has something to pay off, and is known until it has. Thread-safe.</summary>
/// <param name="perSecond">How many; 1 or more.</param>
/// <param name="keysMax">So many keys are remembered at most: who has nothing to pay off is forgotten first, and all, where that makes no room.</param>
/// <param name="time">The clock.</param>
internal sealed class KeyedRateLimit<TKey>(int perSecond, int keysMax, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, long> _free = []; // gate; when each has paid off what it did
    private readonly long _step = Math.Max(1, time.TimestampFrequency / perSecond);

    /// <summary>One more of a key.</summary>
    public void Charge(TKey key)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_free.Count >= keysMax && !_free.ContainsKey(key)) Forget(now);
            _free[key] = Math.Max(_free.GetValueOrDefault(key), now - time.TimestampFrequency) + _step;
        }
    }

    /// <summary>How long it takes until the key has paid off all; zero where it has.</summary>
    public TimeSpan WaitOf(TKey key)
    {
        lock (_gate)
        {
            if (!_free.TryGetValue(key, out var free)) return TimeSpan.Zero;
            var now = time.GetTimestamp();
            return free > now ? time.GetElapsedTime(now, free) : TimeSpan.Zero;
        }
    }

    private void Forget(long now)
    {
        foreach (var (key, free) in _free.ToArray())
        {
            if (free <= now) _free.Remove(key);
        }

        if (_free.Count >= keysMax) _free.Clear();
    }
}
