namespace OrleansPbft.Links;

/// <summary>What envelopes that are rejected may cost a port in all: so many in a second; who sends one more waits until there is room for it. Thread-safe.</summary>
/// <remarks>To find out that a signature is none takes as long as to verify one. Without this, many connections that each send a few bad ones would take the
/// processor from everybody else.</remarks>
internal sealed class RejectBudget(int perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _step = Math.Max(1, time.TimestampFrequency / perSecond);
    private long _free = time.GetTimestamp() - time.TimestampFrequency; // gate; when the next has room: up to a second's worth is saved up

    /// <summary>One was rejected; how long its connection is not to be read.</summary>
    public TimeSpan Charge()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            _free = Math.Max(_free, now - time.TimestampFrequency) + _step;
            return _free <= now ? TimeSpan.Zero : time.GetElapsedTime(now, _free);
        }
    }
}
