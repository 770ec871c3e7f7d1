using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>A timer that is its own request: it is queued for a tick at most once, and ticks again only after that one.</summary>
internal abstract class GrainTimer : GrainRequest, IGrainTimer
{
    // The longest time a timer takes, in milliseconds.
    private const long TimeMax = 0xFFFF_FFFE;

    private static readonly TimerCallback Fire = static timer => ((GrainTimer)timer!).OnFired();

    private readonly Lock _sync = new();
    private readonly Activation _activation;
    private readonly bool _interleaves;
    private readonly bool _keepsAlive;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _token;
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _ticking; // queued or running
    private bool _changed; // during a tick
    private bool _disposed;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        Validate(options.DueTime, options.Period);
        _activation = activation;
        _interleaves = options.Interleave;
        _keepsAlive = options.KeepAlive;
        _token = _cancellation.Token;
        using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable?) : ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(Fire, this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override string Name => "a timer's tick";

    public override bool Interleaves => _interleaves;

    public override bool IsLocal => true;

    public override bool KeepsAlive => _keepsAlive;

    public override bool IsAbandoned => Volatile.Read(ref _disposed);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, period);
        lock (_sync)
        {
            if (_disposed) return;

            _dueTime = dueTime;
            _period = period;
            if (_ticking)
            {
                _changed = true;
            }
            else
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_sync)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _timer.Dispose();
        _activation.RemoveTimer(this);
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException exception)
        {
            _activation.Silo.Logger.TimerCancellationFailed(_activation.GrainId, exception);
        }

        _cancellation.Dispose();
    }

    public override Task Begin(object grain) => InvokeAsync(_token);

    public override void Complete(Activation activation, Task task)
    {
        if (!task.IsCompletedSuccessfully && !IsAbandoned)
        {
            _activation.Silo.Logger.TimerTickFailed(
                _activation.GrainId, task.Exception?.InnerException ?? new TaskCanceledException(task));
        }

        OnTicked();
    }

    public override void Fail(Activation activation, Exception exception)
    {
        _activation.Silo.Logger.TimerTickFailed(_activation.GrainId, exception);
        OnTicked();
    }

    // The activation is going away, and this timer with it.
    public override void Reject(Silo silo, GrainId target, Exception reason) => Dispose();

    protected abstract Task InvokeAsync(CancellationToken cancellationToken);

    private static void Validate(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)dueTime.TotalMilliseconds, -1, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)dueTime.TotalMilliseconds, TimeMax, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)period.TotalMilliseconds, -1, nameof(period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)period.TotalMilliseconds, TimeMax, nameof(period));
    }

    private void OnFired()
    {
        lock (_sync)
        {
            if (_disposed || _ticking) return;
            _ticking = true;
        }

        if (!_activation.TryEnqueue(this)) Dispose();
    }

    private void OnTicked()
    {
        lock (_sync)
        {
            _ticking = false;
            var next = _changed ? _dueTime : _period;
            _changed = false;
            if (!_disposed) _timer.Change(next, Timeout.InfiniteTimeSpan);
        }
    }
}
