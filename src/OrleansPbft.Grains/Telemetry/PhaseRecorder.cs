using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>How long each slot of one replica was in each phase: as metrics always, as spans where the proposal's trace is sampled.</summary>
/// <remarks>Spans are written in retrospect: a phase goes over many turns, and an activity held open would leak into turns that have
/// nothing to do with it. All spans of a slot are children of the leader's "order" span, whose context came with the proposal.</remarks>
internal sealed class PhaseRecorder
{
    // The most traced slots whose replies may be under way.
    private const int ReplyingMax = 256;

    private readonly int _replica;
    private readonly PbftInstruments _instruments;
    private readonly HostClock _clock;
    private readonly SlotTimes[] _slots;
    private readonly ConcurrentDictionary<long, Replying> _replying = new();

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
        ref var slot = ref _slots[(int)((ulong)proposal.Sequence.Value % (ulong)_slots.Length)];
        if (slot.Sequence == proposal.Sequence.Value) return; // a copy; the first one counts
        slot = new() { Sequence = proposal.Sequence.Value, Began = at };
        if (traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var trace) && IsSampled(trace)) slot.Trace = trace;
    }

    /// <summary>A slot reached the end of a phase.</summary>
    public void OnEvent(in ProtocolEvent what, Instant now)
    {
        var phase = what.Kind switch
        {
            ProtocolEventKind.PrePrepared => "pre-prepare",
            ProtocolEventKind.Prepared => "prepare",
            ProtocolEventKind.Committed => "commit",
            ProtocolEventKind.Executed => "execute",
            _ => null,
        };
        if (phase is null) return;

        ref var slot = ref _slots[(int)((ulong)what.Sequence.Value % (ulong)_slots.Length)];
        if (slot.Sequence != what.Sequence.Value) slot = new() { Sequence = what.Sequence.Value, Began = now }; // committed by others' votes
        if (_instruments.TimesPhases) _instruments.OnPhase(_replica, phase, now.Since(slot.Began));
        if (what.Batch is { } batch) slot.BatchSize = batch.Requests.Length;
        if (slot.Trace != default) WriteSpan(phase, slot.Trace, what.View, what.Sequence, what.Digest, slot.BatchSize, slot.Began, now);
        slot.Began = now;

        if (what.Kind != ProtocolEventKind.Executed) return;
        _instruments.OnExecuted(_replica, what.Amount);
        if (slot.Trace == default) return;
        if (_replying.Count >= ReplyingMax) _replying.Clear(); // batches without a reply, and nobody waits for their spans
        _replying.TryAdd(what.Sequence.Value, new(slot.Trace, what.View, what.Digest, slot.BatchSize, now));
    }

    /// <summary>Replies were sealed and sent: "reply" ends. Called by the thread that seals.</summary>
    public void OnReplied(ReadOnlySpan<Reply> replies)
    {
        if (_replying.IsEmpty) return;
        foreach (var reply in replies)
        {
            if (_replying.TryRemove(reply.Sequence.Value, out var slot))
            {
                WriteSpan("reply", slot.Trace, slot.View, reply.Sequence, slot.Digest, slot.BatchSize, slot.Began, _clock.Now);
            }
        }
    }

    private static bool IsSampled(in ActivityContext trace) => (trace.TraceFlags & ActivityTraceFlags.Recorded) != 0;

    private void WriteSpan(
        string phase, in ActivityContext parent, View view, SequenceNumber sequence, Digest digest, int batchSize, Instant began, Instant ended)
    {
        using var span = PbftTelemetry.Source.StartActivity(phase, ActivityKind.Internal, parent, startTime: HostClock.ToTime(began));
        if (span is null) return;
        SpanTags.Set(span, _replica, view, sequence, digest, batchSize);
        span.SetEndTime(HostClock.ToTime(ended).UtcDateTime);
    }

    private struct SlotTimes
    {
        public long Sequence;
        public Instant Began;
        public int BatchSize;
        public ActivityContext Trace;
    }

    private readonly record struct Replying(ActivityContext Trace, View View, Digest Digest, int BatchSize, Instant Began);
}
