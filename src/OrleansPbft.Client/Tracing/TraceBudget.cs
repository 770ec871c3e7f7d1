namespace OrleansPbft.Client;

/// <summary>So many in a second, and not more: what others ask to be traced, and what fails, must not cost what it would if they were honest. Not thread-safe.</summary>
/// <param name="perSecondMax">How many.</param>
internal sealed class TraceBudget(int perSecondMax)
{
    /// <summary>How many batches a replica traces in a second, whoever asks for more.</summary>
    public const int BatchesPerSecondMax = 100;

    private long _second = long.MinValue;
    private int _taken;

    /// <summary>Takes one, if there is one left of this second.</summary>
    /// <param name="microseconds">The time, from any fixed point.</param>
    public bool TryTake(long microseconds)
    {
        var second = microseconds / 1_000_000;
        if (second != _second) (_second, _taken) = (second, 0);
        if (_taken >= perSecondMax) return false;
        _taken++;
        return true;
    }
}
