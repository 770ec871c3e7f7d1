using OrleansPbft.Core;

namespace OrleansPbft.Grains.Machines;

/// <summary>The time the machines are told: wall-clock time at the start, and from there on only forward, whatever is done to the wall clock.</summary>
internal sealed class HostClock(TimeProvider time)
{
    private readonly long _startTimestamp = time.GetTimestamp();
    private readonly DateTimeOffset _start = time.GetUtcNow();

    /// <summary>Now.</summary>
    public Instant Now => InstantOf(_start + time.GetElapsedTime(_startTimestamp));

    /// <summary>A timer that is not set.</summary>
    public ITimer CreateTimer(TimerCallback callback, object state) => time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public static DateTimeOffset ToTime(Instant instant) => DateTimeOffset.UnixEpoch.AddMicroseconds(instant.Microseconds);

    private static Instant InstantOf(DateTimeOffset now) => new((now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
