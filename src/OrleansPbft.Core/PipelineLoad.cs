namespace OrleansPbft.Core;

/// <summary>Whether a pipeline is busy: had something in flight for a good part of the period before.</summary>
/// <remarks>A part, and not most: where clients wait for one answer before they ask again, nothing is in flight while they do, however much all processors have to do.</remarks>
internal sealed class PipelineLoad(TimeSpan period)
{
    private Instant _periodBegan;
    private Instant _last;
    private long _idle; // microseconds of the period
    private bool _isIdle = true;

    /// <summary>Whether something was in flight for a quarter of the last whole period.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Counts the time since it was told last.</summary>
    public void Count(Instant now)
    {
        if (_isIdle) _idle += now.Microseconds - _last.Microseconds;
        _last = now;
        if (now < _periodBegan.Plus(period)) return;
        IsBusy = 4 * _idle <= 3 * (now.Microseconds - _periodBegan.Microseconds);
        (_periodBegan, _idle) = (now, 0);
    }

    /// <summary>Says whether anything is in flight from here on.</summary>
    public void Tell(bool isIdle) => _isIdle = isIdle;
}
