using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Drives one machine as a silo's host does: steps it with what waits, makes durable what must be, then performs the rest in order.</summary>
/// <remarks>While a drain's records are on their way to the disk the machine takes no further input, and nothing of that drain has left:
/// a crash in between loses it all (rule D-1).</remarks>
internal sealed class MachineLoop<TInput>(VirtualTime time, LoopOptions options)
{
    private readonly Queue<TInput> _inbox = [];
    private readonly Outbox _outbox = new();
    private bool _busy;
    private bool _stopped;
    private Instant _wakeAt = Instant.Never;
    private long _timer; // the newest; older ones find that they are not

    /// <summary>Steps the machine.</summary>
    public required Action<Instant, TInput, Outbox> Step { get; init; }

    /// <summary>Takes each record once it is durable.</summary>
    public required Action<JournalRecord> Persist { get; init; }

    /// <summary>Performs one effect that is neither a record nor a timer.</summary>
    public required Action<Effect> Perform { get; init; }

    /// <summary>Sees each effect as soon as the step is over.</summary>
    public required Action<Effect> Observe { get; init; }

    /// <summary>A drain's effects are all performed.</summary>
    public required Action OnDrained { get; init; }

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
        start(Now, _outbox);
        foreach (var effect in _outbox.Effects) Observe(effect);
        Settle();
    }

    /// <summary>The process is gone: nothing that was not performed ever will be.</summary>
    public void Stop()
    {
        _stopped = true;
        _inbox.Clear();
    }

    private void Schedule()
    {
        _busy = true;
        time.After(options.DrainAfter, Drain);
    }

    private void Drain()
    {
        for (var i = 0; i < options.InputsPerDrain && !_stopped && _inbox.TryDequeue(out var input); i++)
        {
            if (IsTick(input)) _wakeAt = Instant.Never;
            var before = _outbox.Count;
            Step(Now, input, _outbox);
            foreach (var effect in _outbox.Effects[before..]) Observe(effect);
        }

        Settle();
    }

    private void Settle()
    {
        foreach (ref readonly var effect in _outbox.Effects)
        {
            if (effect.Kind != EffectKind.Persist) continue;
            IsFlushing = true;
            time.After(options.FlushTime, PerformAll);
            return;
        }

        PerformAll();
    }

    private void PerformAll()
    {
        if (_stopped) return;
        IsFlushing = false;
        var wakeAt = _wakeAt;
        foreach (ref readonly var effect in _outbox.Effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Persist: Persist(effect.Record); break;
                case EffectKind.WakeAt: wakeAt = effect.At; break;
                default: Perform(effect); break;
            }
        }

        _outbox.Clear();
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
