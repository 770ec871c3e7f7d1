using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Drives one machine as a silo's host does: steps it with what waits, makes durable what must be, then performs the rest in order.</summary>
/// <remarks>While a drain's records are on their way to the disk the machine takes no further input, and nothing of that drain has left:
/// a crash in between loses it all (rule D-1). What may leave when is decided by the same <see cref="JournaledOutbox"/> as in a silo.</remarks>
internal sealed class MachineLoop<TInput>(VirtualTime time, LoopOptions options, IReplicaJournal journal)
{
    private readonly Queue<TInput> _inbox = [];
    private readonly JournaledOutbox _leaving = new(journal);
    private bool _busy;
    private bool _stopped;
    private Instant _wakeAt = Instant.Never;
    private long _timer; // the newest; older ones find that they are not

    /// <summary>Steps the machine.</summary>
    public required Action<Instant, TInput, Outbox> Step { get; init; }

    /// <summary>Performs one effect that is neither a record nor a timer.</summary>
    public required JournaledOutbox.Performer Perform { get; init; }

    /// <summary>Sees each effect as soon as the step is over.</summary>
    public required Action<Effect> Observe { get; init; }

    /// <summary>A drain's effects are all performed.</summary>
    public required Action OnDrained { get; init; }

    /// <summary>The medium crashed while something was to be made durable: the process is gone.</summary>
    public required Action OnPowerLost { get; init; }

    public required TInput Tick { get; init; }

    public required Func<TInput, bool> IsTick { get; init; }

    /// <summary>Records of the drain under way that are not durable yet.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>The machine's clock, which need not be right.</summary>
    public Instant Now => options.Shown(time.Now);

    public void Post(TInput input)
    {
        if (_stopped) return;
        _inbox.Enqueue(input);
        if (!_busy) Schedule();
    }

    /// <summary>Performs the effects of a first step that takes no input.</summary>
    public void Start(Action<Instant, Outbox> start)
    {
        _busy = true;
        start(Now, _leaving.Outbox);
        foreach (var effect in _leaving.Outbox.Effects) Observe(effect);
        Settle();
    }

    /// <summary>The process is gone: nothing that was not performed ever will be.</summary>
    public void Stop()
    {
        _stopped = true;
        IsFlushing = false;
        _inbox.Clear();
    }

    private void Schedule()
    {
        _busy = true;
        time.After(options.DrainAfter, Drain);
    }

    private void Drain()
    {
        if (_stopped) return;
        for (var i = 0; i < options.InputsPerDrain && _inbox.TryDequeue(out var input); i++)
        {
            if (IsTick(input)) _wakeAt = Instant.Never;
            var before = _leaving.Outbox.Count;
            Step(Now, input, _leaving.Outbox);
            foreach (var effect in _leaving.Outbox.Effects[before..]) Observe(effect);
        }

        Settle();
    }

    private void Settle()
    {
        if (!TryKeep(_leaving.Append, out var mustWait)) return;
        if (!mustWait)
        {
            PerformAll();
            return;
        }

        IsFlushing = true;
        time.After(options.FlushTime, () =>
        {
            if (!_stopped && TryKeep(Flush, out _)) PerformAll();
        });
    }

    /// <summary>Here a flush takes no time of its own: <see cref="LoopOptions.FlushTime"/> is over.</summary>
    private bool Flush()
    {
        var flush = _leaving.FlushAsync(CancellationToken.None);
        if (!flush.IsCompleted) throw new InvalidOperationException("A simulated journal flushes on its caller.");
        flush.GetAwaiter().GetResult();
        return true;
    }

    private bool TryKeep(Func<bool> keep, out bool result)
    {
        result = false;
        try
        {
            result = keep();
            return true;
        }
        catch (SimulatedCrashException)
        {
            OnPowerLost();
            return false;
        }
    }

    private void PerformAll()
    {
        if (_stopped) return;
        IsFlushing = false;
        var wakeAt = _leaving.Perform(Now, Perform) ?? _wakeAt;
        OnDrained();
        if (wakeAt != _wakeAt) WakeAt(wakeAt);
        _busy = false;
        if (_inbox.Count > 0) Schedule();
    }

    private void WakeAt(Instant instant)
    {
        _wakeAt = instant;
        if (instant == Instant.Never) return;
        var timer = ++_timer;
        time.At(options.When(instant), () =>
        {
            if (timer == _timer) Post(Tick);
        });
    }
}
