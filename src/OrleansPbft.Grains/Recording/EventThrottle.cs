namespace OrleansPbft.Grains.Recording;

/// <summary>Has what can happen a thousand times a second told once a second, with how often it happened: so the rare is not pushed out.</summary>
internal sealed class EventThrottle
{
    private const long IntervalUs = 1_000_000;

    private readonly long[] _toldAt = new long[(int)EventKind.Halted + 1];
    private readonly long[] _held = new long[(int)EventKind.Halted + 1];

    /// <summary>Whether to tell of one; with how many were held back before it.</summary>
    public bool MayTell(EventKind kind, long at, out long held)
    {
        held = 0;
        if (!IsFrequent(kind)) return true;
        if (_toldAt[(int)kind] != 0 && at < _toldAt[(int)kind] + IntervalUs)
        {
            _held[(int)kind]++;
            return false;
        }

        (held, _held[(int)kind], _toldAt[(int)kind]) = (_held[(int)kind], 0, at);
        return true;
    }

    private static bool IsFrequent(EventKind kind) => kind is EventKind.CheckpointStable or EventKind.RefusedBusy or EventKind.RequestOverdue
        or EventKind.Resent or EventKind.DonorDropped or EventKind.BatchFetched or EventKind.Accused;
}
