using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>The time a session is told: wall-clock time at the start, and from there on only forward, whatever is done to the wall clock.</summary>
internal sealed class ClientClock(TimeProvider time)
{
    private readonly long _startTimestamp = time.GetTimestamp();
    private readonly long _startMicroseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public Instant Now => new Instant(_startMicroseconds).Plus(time.GetElapsedTime(_startTimestamp));
}
