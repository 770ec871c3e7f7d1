namespace OrleansPbft.Grains.Recording;

/// <summary>The newest events of all replicas of the process, in the order in which they became known. Thread-safe; they are few.</summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class EventLog(int capacity)
{
    private readonly RecordedEvent[] _events = new RecordedEvent[capacity];
    private readonly Lock _gate = new();
    private long _last; // gate; the number of the newest

    /// <summary>Adds one, and numbers it.</summary>
    public void Add(in RecordedEvent what)
    {
        lock (_gate)
        {
            _last++;
            _events[_last % _events.Length] = what with { Id = _last };
        }
    }

    /// <summary>Those after a number, oldest first: those that are kept still, and the oldest of them where there are too many.</summary>
    public RecordedEvent[] After(long id, int limit)
    {
        lock (_gate)
        {
            var first = Math.Max(Math.Min(id, _last), _last - _events.Length) + 1;
            return Copy(first, Math.Min(limit, _last - first + 1));
        }
    }

    /// <summary>The newest, oldest first.</summary>
    public RecordedEvent[] Newest(int limit)
    {
        lock (_gate)
        {
            var count = Math.Min(Math.Min(limit, _events.Length), _last);
            return Copy(_last - count + 1, count);
        }
    }

    /// <summary>The number of the newest; 0 where there is none.</summary>
    public long Last
    {
        get
        {
            lock (_gate) return _last;
        }
    }

    private RecordedEvent[] Copy(long first, long count)
    {
        var copy = new RecordedEvent[Math.Max(0, count)];
        for (var i = 0; i < copy.Length; i++) copy[i] = _events[(first + i) % _events.Length];
        return copy;
    }
}
