using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains.Machines;

/// <summary>One machine of one replica with all that must outlive an activation of its grain, and the loop that drives it.</summary>
/// <remarks>
/// <para>A grain restarts and, for a moment, may even be there twice (LESSONS B46). The machine may not: so it lives here, once per
/// process, and an activation <em>claims</em> it. The newest claim fences the one before, and takes over only when that one's last
/// drain is over: no honest replica ever votes or proposes twice (rule D-4).</para>
/// <para>The loop runs on the claiming activation's turns. It decides nothing: it steps the machine with what was opened, makes durable
/// what must be before anything leaves, and performs the rest in order.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The source has neither a timer nor a wait handle: there is nothing to release.")]
internal abstract class MachineHost
{
    // So many inputs are stepped before their effects are performed: one flush serves them all (D-1).
    private const int InputsPerDrain = 64;

    private static readonly TimeSpan RoomAfter = TimeSpan.FromSeconds(1); // how often a full disk is tried again

    private readonly HostClock _clock;
    private readonly JournaledOutbox _leaving;
    private readonly JournaledOutbox.Performer _perform;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _halting = new();
    private Claim? _claim; // gate
    private volatile string? _halted;
    private volatile string? _silent;
    private bool _started; // of the loop that holds the claim
    private Instant _wakeAt = Instant.Never; // of the loop that holds the claim

    protected MachineHost(ReplicaId id, HostClock clock, IReplicaJournal journal, FaultSwitch? faults, ILogger log)
    {
        Id = id;
        Faults = faults;
        _clock = clock;
        _leaving = new(journal);
        _perform = Perform;
        _log = log;
    }

    /// <summary>Whose machine it is.</summary>
    public ReplicaId Id { get; }

    /// <summary>Why it stopped for good; null while it works.</summary>
    public string? Halted => _halted;

    /// <summary>Why it says nothing until there is room again; null while it works.</summary>
    public string? Silent => _silent;

    /// <summary>What was dropped before the machine saw it.</summary>
    public abstract RejectCounter Rejects { get; }

    /// <summary>Where the replica is made faulty; null where faults are not enabled.</summary>
    protected FaultSwitch? Faults { get; }

    protected HostClock Clock => _clock;

    protected ILogger Log => _log;

    protected Outbox Outbox => _leaving.Outbox;

    /// <summary>Held while the machine is stepped, and by those who read it from elsewhere.</summary>
    protected Lock Stepping { get; } = new();

    protected abstract InboundPipeline Inbound { get; }

    protected abstract OutboundPipeline Outbound { get; }

    /// <summary>Takes an envelope in; never waits, never fails.</summary>
    public void Deliver(in Envelope envelope)
    {
        if (_halted is not null) Rejects.Count(DropReason.Halted);
        else if (Faults?.Current is { } fault && !fault.Receives(envelope)) Rejects.Count(DropReason.Crashed);
        else Inbound.TryEnqueue(LaneOf(envelope.Origin), envelope);
    }

    /// <summary>Time passed: the wake-up asked for has come.</summary>
    public void Tick()
    {
        if (_halted is null) Inbound.Post(new(Input.Tick, null, null, _clock.Now));
    }

    /// <summary>Makes the caller the one that drives the machine, as soon as the one before has ended its last drain.</summary>
    /// <remarks>To be called on a turn of the claiming activation: the loop goes on there.</remarks>
    /// <param name="wakeIn">Called on the claiming activation's turns: <see cref="Tick"/> is wanted after this time.</param>
    /// <param name="takenOver">Called, by any thread, when another claim has taken over.</param>
    public Claim TakeOver(Action<TimeSpan> wakeIn, Action takenOver)
    {
        var claim = new Claim(wakeIn, takenOver);
        Claim? before;
        lock (_gate)
        {
            before = _claim;
            _claim = claim;
        }

        if (before is { IsFenced: false })
        {
            _log.ClaimTakenOver(Id, GetType().Name);
            before.Fence();
            before.TakenOver();
        }

        _ = RunAsync(claim, before); // catches all there is to catch
        return claim;
    }

    /// <summary>Gives a claim up. Complete when its last drain is over.</summary>
    public Task ReleaseAsync(Claim claim)
    {
        claim.Fence();
        Tick(); // wakes the loop where it waits for something to do
        return claim.Ended;
    }

    /// <summary>Stops this machine for good, loudly: what it would say after a broken invariant, nobody may hear.</summary>
    protected void Halt(Exception reason)
    {
        var why = $"{reason.GetType().Name}: {reason.Message}";
        lock (_gate)
        {
            if (_halted is not null) return;
            _halted = why;
        }

        _log.MachineHalted(Id, GetType().Name, reason);
        OnHalted(why);
        _halting.Cancel(); // ends the loop wherever it waits: here for the disk or for room,
        Inbound.Post(new(Input.Tick, null, null, _clock.Now)); // and here for something to do
    }

    protected abstract int LaneOf(int origin);

    /// <summary>The first effects, before the first input.</summary>
    protected abstract void Start(Instant now);

    protected abstract void Step(Instant now, in Arrival arrival);

    /// <summary>Performs an effect that is not the loop's own: everything but persisting and waking.</summary>
    protected abstract void Perform(Instant now, in Effect effect);

    /// <summary>What was appended is durable.</summary>
    protected virtual void OnFlushed(Instant began, Instant ended)
    {
    }

    /// <summary>It stopped for good.</summary>
    protected virtual void OnHalted(string reason)
    {
    }

    /// <summary>A drain is over.</summary>
    protected abstract void OnDrained();

    private async Task RunAsync(Claim claim, Claim? before)
    {
        try
        {
            await Task.Yield(); // the activation is ready before its machine moves
            if (before is not null) await ReleaseAsync(before);
            if (!claim.IsFenced && _halted is null) await DriveAsync(claim);
        }
        catch (OperationCanceledException) when (_halted is not null)
        {
            // Halted while it waited: said loudly where that happened.
        }
        catch (Exception failure)
        {
            Halt(failure); // a step or a disk failed: this replica is no longer a correct one
        }
        finally
        {
            claim.End();
        }
    }

    private async Task DriveAsync(Claim claim)
    {
        if (!_started)
        {
            _started = true;
            Start(_clock.Now);
            await PerformAsync(claim);
        }

        Tick(); // the timer of the activation before is gone with it; what came due meanwhile is due now
        while (!claim.IsFenced && _halted is null && await Inbound.Opened.WaitToReadAsync())
        {
            if (Faults?.Current is { IsPaused: true } fault)
            {
                // Made to look crashed: it stands still as a stopped process does, and goes on where it stopped.
                await Task.WhenAny(fault.Over, claim.Fenced).WaitAsync(_halting.Token);
                continue;
            }

            Drain(claim);
            await PerformAsync(claim);
            await Task.Yield(); // a turn is over: calls that wait get theirs
        }
    }

    private void Drain(Claim claim)
    {
        var inputs = 0;
        var fault = Faults?.Current;
        lock (Stepping)
        {
            while (inputs < InputsPerDrain && !claim.IsFenced && Inbound.Opened.TryRead(out var arrival))
            {
                inputs++;
                if (fault is not null && !fault.Takes(arrival.Input)) continue;
                if (arrival.Input.Kind == InputKind.Tick) _wakeAt = Instant.Never;
                Step(_clock.Now, arrival);
            }
        }

        Inbound.Taken(inputs);
    }

    /// <summary>Performs what the outbox holds, in order; what leaves, after what was appended is durable.</summary>
    private async ValueTask PerformAsync(Claim claim)
    {
        if (_leaving.Append())
        {
            var began = _clock.Now;
            await FlushAsync();
            OnFlushed(began, _clock.Now);
        }

        var now = _clock.Now;
        if (_leaving.Perform(now, _perform) is { } wakeAt && wakeAt != _wakeAt)
        {
            _wakeAt = wakeAt;
            claim.WakeIn(wakeAt.Since(now));
        }

        OnDrained();
        var room = Outbound.FlushAsync();
        if (!room.IsCompleted) await room.AsTask().WaitAsync(_halting.Token);
    }

    /// <summary>Waits until what was appended is durable. Where the disk is full that is when there is room: until then nothing of this drain leaves.</summary>
    private async ValueTask FlushAsync()
    {
        while (true)
        {
            try
            {
                await _leaving.FlushAsync(_halting.Token);
                break;
            }
            catch (JournalOutOfSpaceException full)
            {
                if (_silent is null) _log.OutOfSpace(Id, GetType().Name, full.Message);
                _silent = full.Message;
            }

            await Task.Delay(RoomAfter, _halting.Token);
        }

        if (_silent is null) return;
        _silent = null;
        _log.RoomAgain(Id, GetType().Name);
    }

    /// <summary>The right of one activation to drive the machine.</summary>
    internal sealed class Claim(Action<TimeSpan> wakeIn, Action takenOver)
    {
        // The longest a timer is set for; a tick that comes too early finds nothing due, and the next is asked for.
        private static readonly TimeSpan WakeInMax = TimeSpan.FromHours(1);

        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _fencing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _fenced;

        /// <summary>Complete when the last drain is over.</summary>
        public Task Ended => _ended.Task;

        /// <summary>Whether it drives nothing any longer, given up or taken over.</summary>
        public bool IsFenced => _fenced;

        /// <summary>Complete when it drives nothing any longer.</summary>
        public Task Fenced => _fencing.Task;

        public void Fence()
        {
            _fenced = true;
            _fencing.TrySetResult();
        }

        public void TakenOver() => takenOver();

        public void End() => _ended.TrySetResult();

        public void WakeIn(TimeSpan delay)
        {
            // Timers count whole milliseconds; rounded down, the tick would come too early.
            if (_fenced) return;
            if (delay > WakeInMax) delay = WakeInMax;
            wakeIn(delay > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)) : TimeSpan.Zero);
        }
    }
}
