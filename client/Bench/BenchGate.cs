namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Lets requests begin until the time is up, or as many have begun as there are to be. Shared by all clients of a run.</summary>
internal sealed class BenchGate
{
    private readonly TimeProvider _time;
    private readonly long _end;
    private long _left;

    private BenchGate(TimeProvider time, long end, long left)
    {
        _time = time;
        _end = end;
        _left = left;
    }

    /// <summary>Open for a time from now.</summary>
    public static BenchGate For(TimeSpan duration, TimeProvider time) =>
        new(time, time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency), long.MaxValue);

    /// <summary>Open for so many requests.</summary>
    public static BenchGate For(long requests, TimeProvider time) => new(time, long.MaxValue, requests);

    /// <summary>Whether the time is up.</summary>
    public bool IsOver => _time.GetTimestamp() >= _end;

    /// <summary>Whether one more request may begin.</summary>
    public bool TryEnter() => !IsOver && Interlocked.Decrement(ref _left) >= 0;
}
