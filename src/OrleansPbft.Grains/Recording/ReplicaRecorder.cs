using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Recording;

/// <summary>Notes what one replica receives, does and sends, for those who want to see it drawn. Nothing in the protocol depends on it.</summary>
/// <remarks>Written by the replica's own turns and by the threads that send for it, read by the HTTP API: under a lock of this replica alone, held for a few
/// stores. All room is made at the start. Inputs are authentic, and may be lies all the same: they are noted under their senders' names.</remarks>
internal sealed class ReplicaRecorder
{
    /// <summary>How many seconds the times of phases are kept, the current one included.</summary>
    public const int PhaseSecondsKept = 16;

    // Beyond so many waiting requests, the arrival of some is forgotten before they are executed.
    private const int RequestsKept = 4096;

    // The part of a result that is looked at to tell it from others: a few microseconds' worth.
    private const int HashedBytesMax = 4096;

    private readonly ClusterSize _cluster;
    private readonly EventLog _log;
    private readonly Lock _gate = new();
    private readonly RecordRing<SlotRecord> _slots; // gate, as all that follows
    private readonly RecordRing<ViewRecord> _views;
    private readonly RecordRing<CheckpointRecord> _checkpoints;
    private readonly RequestTable _requests = new(RequestsKept);
    private readonly EventThrottle _throttle = new();
    private readonly TimeWindow _latencies = new(Pace.SecondsKept);
    private readonly TimeWindow[] _phaseTimes = [.. LivePhaseDocument.Phases.Select(static _ => new TimeWindow(PhaseSecondsKept))];
    private readonly TimeWindow _flushes = new(PhaseSecondsKept);
    private readonly Pace _pace = new();
    private long _view;
    private long _executed;

    /// <summary>Makes the room.</summary>
    /// <param name="self">Whose recorder it is.</param>
    /// <param name="options">n, and K.</param>
    /// <param name="log">Where events go.</param>
    public ReplicaRecorder(ReplicaId self, ProtocolOptions options, EventLog log)
    {
        Self = self;
        _cluster = options.Cluster;
        _log = log;
        var replicas = _cluster.Replicas;
        _slots = new(ProtocolHistory.SlotsKept, 1, () => new(replicas));
        _views = new(ProtocolHistory.ViewChangesKept, 1, () => new(replicas));
        _checkpoints = new(ProtocolHistory.CheckpointsKept, options.CheckpointInterval, () => new(replicas));
        CheckpointInterval = options.CheckpointInterval;
    }

    /// <summary>Whose recorder it is.</summary>
    public ReplicaId Self { get; }

    private int CheckpointInterval { get; }

    /// <summary>The last sequence number that the replica executed, as far as is known here.</summary>
    public long Executed
    {
        get
        {
            lock (_gate) return _executed;
        }
    }

    /// <summary>An authentic input is about to be stepped.</summary>
    /// <param name="arrival">What came, when, and who handed it on.</param>
    /// <param name="view">The view that the replica is in.</param>
    /// <param name="executed">The last sequence number that it executed.</param>
    public void OnArrived(in Arrival arrival, View view, SequenceNumber executed)
    {
        var kind = arrival.Input.Kind;
        if (kind is not (InputKind.Vote or InputKind.Request or InputKind.PrePrepare or InputKind.Checkpoint or InputKind.Suspect
            or InputKind.ViewChange or InputKind.NewView)) return;
        var at = arrival.At.Microseconds;
        lock (_gate)
        {
            (_view, _executed) = (view.Number, Math.Max(_executed, executed.Value));
            switch (kind)
            {
                case InputKind.Vote when IsPeer(arrival.Input.Vote.Sender):
                    var vote = arrival.Input.Vote;
                    _slots.At(vote.Sequence.Value, _executed)?.OnVoteArrived(vote, DigestStart.Of(vote.Digest), arrival.Origin, at);
                    break;
                case InputKind.Request:
                    _requests.OnArrived(arrival.Input.Request.Id, arrival.Origin, at);
                    break;
                case InputKind.PrePrepare:
                    OnProposal(arrival.Input.PrePrepare, arrival, at);
                    break;
                default:
                    OnRareArrived(arrival, at);
                    break;
            }
        }
    }

    /// <summary>Something is being sent: to all others, to one, or passed on.</summary>
    public void OnSent(in Effect effect, Instant now)
    {
        if (effect.Kind is EffectKind.Reply or EffectKind.AnswerRead) return; // there may be hundreds of them in a batch, and they are told when they leave
        var at = now.Microseconds;
        lock (_gate)
        {
            switch (effect.Kind)
            {
                case EffectKind.Broadcast when effect.IsVote:
                    _slots.At(effect.Vote.Sequence.Value, _executed)?.OnVoteSent(effect.Vote, DigestStart.Of(effect.Vote.Digest), at);
                    break;
                case EffectKind.Send when effect.IsVote:
                    if (_slots.Find(effect.Vote.Sequence.Value) is { } slot) slot.MarksOf(effect.Vote.Phase)[effect.To.Index].OnResent(at);
                    break;
                case EffectKind.Broadcast:
                    OnBroadcast(effect.Message, at);
                    break;
                case EffectKind.Send:
                    OnSentTo(effect.To, effect.Message, at);
                    break;
                case EffectKind.Relay when effect.Request is { } request:
                    _requests.OnPassedOn(request.Id, effect.To.Index, at);
                    break;
                case EffectKind.Relay:
                    OnSentTo(effect.To, effect.Message, at);
                    break;
            }
        }
    }

    /// <summary>Replies were handed on, or what a fault made of them.</summary>
    public void OnReplied(ReadOnlySpan<Reply> replies, ReplyFate fate, Instant now)
    {
        lock (_gate)
        {
            foreach (var reply in replies)
            {
                if (_slots.Find(reply.Sequence.Value) is not { RepliedAt: 0 } slot) continue;
                (slot.RepliedAt, slot.ReplyHash, slot.ReplyFate) = (now.Microseconds, HashOf(reply), fate);
            }
        }
    }

    /// <summary>The machine reported something.</summary>
    public void OnReported(in ProtocolEvent what, Instant now)
    {
        if (what.Kind is ProtocolEventKind.Ignored or ProtocolEventKind.Proposed or ProtocolEventKind.None) return;
        var at = now.Microseconds;
        lock (_gate)
        {
            switch (what.Kind)
            {
                case ProtocolEventKind.PrePrepared or ProtocolEventKind.Prepared or ProtocolEventKind.Committed or ProtocolEventKind.Executed:
                    OnPhase(what, at);
                    return;
                case ProtocolEventKind.CheckpointStable:
                    if (CheckpointAt(what.Sequence) is { } checkpoint) (checkpoint.StableAt, checkpoint.StableDigest) = (at, DigestStart.Of(what.Digest));
                    break;
                case ProtocolEventKind.TransferCompleted:
                    _executed = Math.Max(_executed, what.Sequence.Value);
                    break;
                case ProtocolEventKind.Suspected:
                    if (_views.At(what.View.Number + 1, _view) is { SuspectedAt: 0 } suspected) (suspected.SuspectedAt, suspected.Cause) = (at, (SuspicionCause)what.Amount);
                    break;
                case ProtocolEventKind.ViewChangeStarted:
                    _view = Math.Max(_view, what.View.Number);
                    if (_views.At(what.View.Number, _view) is { StartedAt: 0 } started) started.StartedAt = at;
                    break;
                case ProtocolEventKind.ViewEntered:
                    _view = Math.Max(_view, what.View.Number);
                    if (_views.At(what.View.Number, _view) is { EnteredAt: 0 } entered) entered.EnteredAt = at;
                    break;
            }

            Tell(new(0, at, Self.Index, (EventKind)what.Kind, what.View.Number, what.Sequence.Value, what.About.Index, what.Amount));
        }
    }

    /// <summary>The replica caught another one.</summary>
    public void OnAccused(Evidence evidence, Instant now)
    {
        lock (_gate)
        {
            Tell(new(
                0, now.Microseconds, Self.Index, EventKind.Accused, evidence.View.Number, evidence.Sequence.Value, evidence.Accused.Index, (long)evidence.Kind));
        }
    }

    /// <summary>The replica was made faulty, healed, or stopped for good.</summary>
    public void OnHosted(EventKind kind, string? detail, Instant now)
    {
        lock (_gate) Tell(new(0, now.Microseconds, Self.Index, kind, _view, 0, 0, 0, Detail: detail));
    }

    /// <summary>What was appended to the journal became durable.</summary>
    public void OnFlushed(Instant began, Instant ended)
    {
        lock (_gate) _flushes.Add(ended.Microseconds, ended.Microseconds - began.Microseconds);
    }

    /// <summary>Adds which slots, views and checkpoints there is something to draw of, and when it began here.</summary>
    public void CollectTo(List<(long Key, long Began)> slots, List<(long Key, long Began)> views, List<(long Key, long Began)> checkpoints)
    {
        lock (_gate)
        {
            _slots.CollectTo(slots, static slot => slot.BeganAt);
            _views.CollectTo(views, static view => view.BeganAt);
            _checkpoints.CollectTo(checkpoints, static checkpoint => checkpoint.BeganAt);
        }
    }

    /// <summary>A copy of what is known of a slot, its first request included; null where nothing is.</summary>
    public SlotRecord? CopySlot(long sequence)
    {
        lock (_gate)
        {
            var copy = _slots.Copy(sequence);
            if (copy is { ExecutedAt: 0, Requests: > 0 }) copy.First = _requests.Find(copy.First.Id);
            return copy;
        }
    }

    /// <summary>A copy of what is known of the change to a view; null where nothing is.</summary>
    public ViewRecord? CopyView(long view)
    {
        lock (_gate) return _views.Copy(view);
    }

    /// <summary>A copy of what is known of a checkpoint; null where nothing is.</summary>
    public CheckpointRecord? CopyCheckpoint(long sequence)
    {
        lock (_gate) return _checkpoints.Copy(sequence);
    }

    /// <summary>What is known of how a request reached this replica, as long as it is remembered.</summary>
    public RequestMark FindRequest(in RequestId id)
    {
        lock (_gate) return _requests.Find(id);
    }

    /// <summary>What was executed in one second.</summary>
    public Pace.Second PaceOf(long second)
    {
        lock (_gate) return _pace.Of(second);
    }

    /// <summary>Adds how long requests took in some seconds.</summary>
    public void SumLatenciesTo(Span<long> sum, long first, long last)
    {
        lock (_gate) _latencies.SumTo(sum, first, last);
    }

    /// <summary>Adds how long one of the <see cref="LivePhaseDocument.Phases"/> took in some seconds.</summary>
    public void SumPhaseTo(Span<long> sum, int phase, long first, long last)
    {
        lock (_gate) _phaseTimes[phase].SumTo(sum, first, last);
    }

    /// <summary>Adds how long flushes took in some seconds.</summary>
    public void SumFlushesTo(Span<long> sum, long first, long last)
    {
        lock (_gate) _flushes.SumTo(sum, first, last);
    }

    private bool IsPeer(ReplicaId sender) => _cluster.Contains(sender) && sender != Self;

    private CheckpointRecord? CheckpointAt(SequenceNumber sequence) =>
        sequence.Value % CheckpointInterval == 0 ? _checkpoints.At(sequence.Value, _executed) : null;

    /// <summary>Only of the view that the replica is in, and of its primary: who will lead some later view can not push out what is known.</summary>
    private void OnProposal(PrePrepare proposal, in Arrival arrival, long at)
    {
        if (proposal.View.Number != _view || proposal.Sender != _cluster.PrimaryOf(proposal.View)) return;
        _slots.At(proposal.Sequence.Value, _executed)?.OnProposalArrived(proposal, DigestStart.Of(proposal.Digest), arrival.Origin, arrival.TraceParent, at);
    }

    private void OnRareArrived(in Arrival arrival, long at)
    {
        var input = arrival.Input;
        switch (input.Kind)
        {
            case InputKind.Checkpoint when IsPeer(input.Checkpoint.Sender):
                var checkpoint = input.Checkpoint;
                CheckpointAt(checkpoint.Sequence)?.Checkpoints[checkpoint.Sender.Index].OnArrived(at, 0, DigestStart.Of(checkpoint.Digest), arrival.Origin);
                break;
            case InputKind.Suspect when IsPeer(input.Suspect.Sender):
                _views.At(input.Suspect.View.Number + 1, _view)?.Suspects[input.Suspect.Sender.Index].OnArrived(at, 0, 0, arrival.Origin);
                break;
            case InputKind.ViewChange when IsPeer(input.ViewChange.Sender):
                _views.At(input.ViewChange.View.Number, _view)?.ViewChanges[input.ViewChange.Sender.Index].OnArrived(at, 0, ContentOf(input.ViewChange), arrival.Origin);
                break;
            case InputKind.NewView when IsPeer(input.NewView.Sender) && input.NewView.Sender == _cluster.PrimaryOf(input.NewView.View):
                _views.At(input.NewView.View.Number, _view)?.NewViews[input.NewView.Sender.Index].OnArrived(at, 0, 0, arrival.Origin);
                break;
        }
    }

    private void OnBroadcast(IPeerMessage message, long at)
    {
        switch (message)
        {
            case PrePrepare proposal:
                _slots.At(proposal.Sequence.Value, _executed)?.Proposed.OnSent(at, proposal.View.Number, DigestStart.Of(proposal.Digest));
                break;
            case Checkpoint checkpoint:
                CheckpointAt(checkpoint.Sequence)?.Checkpoint.OnSent(at, 0, DigestStart.Of(checkpoint.Digest));
                break;
            case Suspect suspect:
                _views.At(suspect.View.Number + 1, _view)?.Suspect.OnSent(at, 0, 0);
                break;
            case ViewChange viewChange:
                _views.At(viewChange.View.Number, _view)?.ViewChange.OnSent(at, 0, ContentOf(viewChange));
                break;
            case NewView newView:
                _views.At(newView.View.Number, _view)?.NewView.OnSent(at, 0, 0);
                break;
        }
    }

    /// <summary>To one peer: sent again, or passed on.</summary>
    private void OnSentTo(ReplicaId to, IPeerMessage message, long at)
    {
        switch (message)
        {
            case PrePrepare proposal when _slots.Find(proposal.Sequence.Value) is { } slot:
                if (slot.PassedOnAt[to.Index] == 0) slot.PassedOnAt[to.Index] = at;
                break;
            case Checkpoint checkpoint when CheckpointAt(checkpoint.Sequence) is { } record:
                record.Checkpoints[to.Index].OnResent(at);
                break;
            case Suspect suspect when suspect.Sender == Self && _views.Find(suspect.View.Number + 1) is { } record:
                record.Suspects[to.Index].OnResent(at);
                break;
            case ViewChange viewChange when viewChange.Sender == Self && _views.Find(viewChange.View.Number) is { } record:
                record.ViewChanges[to.Index].OnResent(at);
                break;
            case NewView newView when _views.Find(newView.View.Number) is { } record:
                record.NewViews[to.Index].OnResent(at);
                break;
        }
    }

    private void OnPhase(in ProtocolEvent what, long at)
    {
        if (what.Kind == ProtocolEventKind.Executed) _executed = Math.Max(_executed, what.Sequence.Value);
        if (_slots.At(what.Sequence.Value, _executed) is not { ExecutedAt: 0 } slot) return;
        var began = what.Kind switch
        {
            ProtocolEventKind.PrePrepared => slot.ProposalAt,
            ProtocolEventKind.Prepared => slot.PrePreparedAt,
            ProtocolEventKind.Committed => Math.Max(slot.PrePreparedAt, slot.PreparedAt),
            _ => slot.CommittedAt,
        };
        slot.OnPhase(what, DigestStart.Of(what.Digest), at);
        if (began != 0) _phaseTimes[what.Kind - ProtocolEventKind.PrePrepared].Add(at, at - began);
        if (what is { Kind: ProtocolEventKind.Executed, Batch: { Requests.IsEmpty: false } batch }) OnExecuted(slot, batch, at);
    }

    private void OnExecuted(SlotRecord slot, Batch batch, long at)
    {
        slot.First = _requests.Find(batch.Requests[0].Id);
        var operations = 0L;
        foreach (var request in batch.Requests)
        {
            operations += request.Operations.Length;
            if (_requests.Find(request.Id).ArrivedAt is var arrived and not 0) _latencies.Add(at, at - arrived);
        }

        _pace.Add(at, batch.Requests.Length, operations);
    }

    private void Tell(RecordedEvent what)
    {
        if (_throttle.MayTell(what.Kind, what.At, out var held)) _log.Add(what with { Held = held });
    }

    /// <summary>A hash of what a VIEW-CHANGE says, comparable within the process: a liar tells each peer something else.</summary>
    private static ulong ContentOf(ViewChange viewChange)
    {
        var hash = new HashCode();
        hash.Add(viewChange.StableCheckpoint.Value);
        foreach (var held in viewChange.Checkpoints) hash.Add(held);
        foreach (var entry in viewChange.Prepared) hash.Add(entry);
        hash.Add(viewChange.Prepared.Length);
        foreach (var entry in viewChange.PrePrepared) hash.Add(entry);
        return (uint)hash.ToHashCode() | (1UL << 32); // never 0, which stands for nothing
    }

    private static int HashOf(Reply reply)
    {
        var hash = new HashCode();
        hash.Add(reply.Session.Value);
        hash.Add(reply.Status);
        hash.Add(reply.Results.Length);
        hash.AddBytes(reply.Results.Span[..Math.Min(reply.Results.Length, HashedBytesMax)]);
        return hash.ToHashCode();
    }
}
