using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>How long each slot of one replica was in each phase: as metrics always, as spans where the proposal's trace is sampled.</summary>
/// <remarks>Spans are written in retrospect: a phase goes over many turns, and an activity held open would leak into turns that have
/// nothing to do with it. All spans of a slot are children of the leader's "order" span, whose context came with the proposal. A phase ends when what it led to
/// was performed, after the flush that it may have waited for; executing is measured where it is done.</remarks>
internal sealed class PhaseRecorder
{
    // The most traced slots whose replies may be under way.
    private const int ReplyingMax = 256;

    private readonly int _replica;
    private readonly PbftInstruments _instruments;
    private readonly HostClock _clock;
    private readonly SlotTimes[] _slots;
    private readonly TraceBudget _budget = new(TraceBudget.BatchesPerSecondMax);
    private readonly ConcurrentDictionary<long, Replying> _replying = new();
    private int _traced; // slots that are, and are not executed

    public PhaseRecorder(ReplicaId replica, int window, PbftInstruments instruments, HostClock clock)
    {
        _replica = replica.Index;
        _instruments = instruments;
        _clock = clock;
        _slots = new SlotTimes[2 * window];
    }

    /// <summary>A proposal came in, with its trace context or without: "pre-prepare" begins.</summary>
    public void OnProposalArrived(PrePrepare proposal, string? traceParent, Instant at)
    {
        ref var slot = ref SlotOf(proposal.Sequence.Value);
        if (slot.Sequence == proposal.Sequence.Value && slot.View >= proposal.View.Number) return; // a copy; the first one counts
        Begin(ref slot, proposal.Sequence.Value, proposal.View, at);
        if (traceParent is null || !PbftTelemetry.Source.HasListeners()) return;
        if (!Spans.TryRead(traceParent, out var trace) || !_budget.TryTake(at.Microseconds)) return;
        slot.Trace = trace;
        _traced++;
    }

    /// <summary>Slots were executed in one step: when that began and ended.</summary>
    public void OnExecuted(SequenceNumber before, SequenceNumber last, Instant began, Instant ended)
    {
        for (var n = Math.Max(before.Value + 1, last.Value - _slots.Length + 1); n <= last.Value; n++)
        {
            ref var slot = ref SlotOf(n);
            if (slot.Sequence != n) Begin(ref slot, n, default, began); // committed by others' votes
            slot.Executing = (began, ended);
        }
    }

    /// <summary>A slot reached the end of a phase.</summary>
    public void OnEvent(in ProtocolEvent what, Instant now)
    {
        var phase = what.Kind switch
        {
            ProtocolEventKind.PrePrepared => SpanNames.PrePrepare,
            ProtocolEventKind.Prepared => SpanNames.Prepare,
            ProtocolEventKind.Committed => SpanNames.Commit,
            ProtocolEventKind.Executed => SpanNames.Execute,
            _ => null,
        };
        if (phase is null) return;

        ref var slot = ref SlotOf(what.Sequence.Value);
        var isPrePrepare = what.Kind == ProtocolEventKind.PrePrepared;
        var isOther = slot.Sequence != what.Sequence.Value || (isPrePrepare && slot.View > what.View.Number); // what came was not what was accepted
        if (isOther) Begin(ref slot, what.Sequence.Value, what.View, now);
        if (isPrePrepare) slot.View = what.View.Number;
        if (what.Batch is { } batch) slot.BatchSize = batch.Requests.Length;
        var (began, ended) = slot.Bound(what.Kind == ProtocolEventKind.Executed, now);
        if (_instruments.TimesPhases) _instruments.OnPhase(_replica, phase, ended.Since(began));
        if (slot.Trace != default) WriteSpan(phase, slot, what.View, what.Sequence, what.Digest, began, ended);
        slot.Began = ended;
        if (what.Kind == ProtocolEventKind.Executed) End(ref slot, what, ended);
    }

    /// <summary>Replies were sealed and sent: "reply" ends. Called by the thread that seals.</summary>
    public void OnReplied(ReadOnlySpan<Reply> replies)
    {
        if (_replying.IsEmpty) return;
        foreach (var reply in replies)
        {
            if (_replying.TryRemove(reply.Sequence.Value, out var replying))
            {
                WriteSpan(SpanNames.Reply, replying.Slot, replying.View, reply.Sequence, replying.Digest, replying.Slot.Began, _clock.Now);
            }
        }
    }

    /// <summary>Adds links to the traced slots that are not executed.</summary>
    public void AddLinksTo(List<ActivityLink> links, int linksMax)
    {
        if (_traced == 0) return;
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            if (links.Count >= linksMax) return;
            if (slot.Trace != default) links.Add(new(slot.Trace));
        }
    }

    private void End(ref SlotTimes slot, in ProtocolEvent executed, Instant ended)
    {
        _instruments.OnExecuted(_replica, executed.Amount);
        if (slot.Trace == default) return;
        if (_replying.Count >= ReplyingMax) _replying.Clear(); // batches without a reply, and nobody waits for their spans
        slot.Began = ended;
        _replying.TryAdd(executed.Sequence.Value, new(slot, executed.View, executed.Digest));
        slot.Trace = default;
        _traced--;
    }

    private void Begin(ref SlotTimes slot, long sequence, View view, Instant at)
    {
        if (slot.Trace != default) _traced--; // never executed here: another view's, or a transfer went past it
        slot = new() { Sequence = sequence, View = view.Number, Began = at };
    }

    private ref SlotTimes SlotOf(long sequence) => ref _slots[(int)((ulong)sequence % (ulong)_slots.Length)];

    private void WriteSpan(string phase, in SlotTimes slot, View view, SequenceNumber sequence, Digest digest, Instant began, Instant ended)
    {
        // The one that follows a message of another process; a trace shows it as such.
        var kind = phase == SpanNames.PrePrepare ? ActivityKind.Consumer : ActivityKind.Internal;
        var span = Spans.Begin(phase, kind, slot.Trace, HostClock.ToTime(began));
        if (span is null) return;
        SpanTags.Set(span, _replica, view, sequence, digest, slot.BatchSize);
        Spans.End(span, HostClock.ToTime(ended));
    }

    private struct SlotTimes
    {
        public long Sequence;
        public long View;
        public Instant Began; // of the phase that it is in
        public (Instant Began, Instant Ended) Executing; // default until it was
        public int BatchSize;
        public ActivityContext Trace;

        /// <summary>When the phase that ends now began and ended: what came before executing is over when that begins, though it is performed later.</summary>
        public readonly (Instant Began, Instant Ended) Bound(bool isExecute, Instant now)
        {
            if (Executing == default) return (Began, now);
            if (isExecute) return Executing;
            var ended = Executing.Began < now ? Executing.Began : now;
            return (Began, ended < Began ? Began : ended);
        }
    }

    private readonly record struct Replying(SlotTimes Slot, View View, Digest Digest);
}
