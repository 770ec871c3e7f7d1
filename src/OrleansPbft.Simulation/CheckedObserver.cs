using OrleansPbft.Core;
using OrleansPbft.Simulation.Checkers;
using OrleansPbft.Simulation.Checkers.Linearizability;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation;

/// <summary>Gives every checker what it checks, and counts what the run came across.</summary>
internal sealed class CheckedObserver : Observer
{
    private readonly SimulationPlan _plan;
    private readonly SimulationReport _report;
    private readonly AgreementChecker _agreement;
    private readonly StateDigestChecker _digests;
    private readonly ValidityChecker _validity = new();
    private readonly AtMostOnceChecker _atMostOnce = new();
    private readonly AccusationChecker _accusations;
    private readonly BoundsChecker _bounds;
    private readonly RealTimeChecker _realTime = new();
    private readonly DoubleVoteChecker _doubleVotes;
    private readonly VoteAccountChecker _accounts;
    private readonly LearnerChecker _learners;
    private readonly ReplyChecker _replies;
    private readonly LinearizabilityChecker _linearizability;
    private readonly VirtualTime _time;
    private readonly Dictionary<RequestId, ClientCall> _calls = [];
    private readonly Dictionary<(ClientId Client, long Number), ClientCall> _reads = [];
    private readonly Dictionary<RequestId, List<(Request Request, ClientCall Call)>> _madeUp = [];
    private readonly Dictionary<ReplicaId, List<(OperationContext Context, byte[] Operation)>> _applied = [];
    private readonly Dictionary<ReplicaId, HashSet<SequenceNumber>> _prePrepared = [];
    private readonly Dictionary<ReplicaId, HashSet<SequenceNumber>> _prepared = [];
    private readonly Dictionary<ReplicaId, SequenceNumber> _digested = [];
    private readonly HashSet<(ReplicaId Replica, RequestId Request)> _answered = [];
    private long _viewsEntered; // the latest view that an honest replica entered
    private bool _wasSuspected;
    private bool _wasLeft;

    public CheckedObserver(SimulationPlan plan, VirtualTime time, SimulationReport report)
    {
        _time = time;
        _plan = plan;
        _report = report;
        _agreement = new(report);
        _digests = new(report);
        _accusations = new(IsHonest, report);
        _bounds = new(plan.Options);
        _replies = new(report);
        _linearizability = new(report);
        _doubleVotes = new(report);
        _accounts = new(report, plan.Options.LogWindow);
        _learners = new(report);
        for (var i = 0; i < plan.Options.Cluster.Replicas; i++)
        {
            _applied[new(i)] = [];
            _prePrepared[new(i)] = [];
            _prepared[new(i)] = [];
            _digested[new(i)] = SequenceNumber.Zero;
        }
    }

    /// <summary>What the cluster agreed on.</summary>
    public IReadOnlyList<Batch> History => _agreement.History;

    public bool IsHonest(ReplicaId replica) => !_plan.Faults.TryGetValue(replica, out var fault) || fault.IsHonest();

    /// <summary>After the run: compares what clients accepted with what the agreed order makes of it, and with what any one store could have told them.</summary>
    public void CheckHistory()
    {
        if (_report[Mark.TransfersCompleted] > 0) _report.Count(Mark.RunsWithTransfer);
        if (_viewsEntered > 0) _report.Count(Mark.RunsWithViewChange);
        if (_viewsEntered > 1) _report.Count(Mark.RunsWithSeveralViewChanges);
        if (_wasSuspected && !_wasLeft) _report.Count(Mark.RunsWithSuspicionOnly);
        _replies.Check(History, _plan.Options);
        _linearizability.Check();
    }

    public override void OnEffect(SimulatedReplica replica, in Effect effect)
    {
        if (effect.Kind is EffectKind.Broadcast or EffectKind.Send && IsHonest(replica.Id)) _learners.Says(replica.Id, effect.AsInput());
        switch (effect.Kind)
        {
            case EffectKind.Report:
                OnReported(replica, effect.Event);
                break;
            case EffectKind.Reply or EffectKind.AnswerRead when IsHonest(replica.Id):
                _learners.Answers(replica.Id);
                break;
            case EffectKind.Accuse when IsHonest(replica.Id):
                _accusations.Accused(replica.Id, effect.Evidence);
                break;
            case EffectKind.Broadcast when !effect.IsVote && effect.Message is Checkpoint own && IsHonest(replica.Id):
                _digests.Digested(replica.Id, own.Sequence, own.Digest);
                break;
            case EffectKind.Broadcast when !effect.IsVote && effect.Message is Status:
                _report.Count(Mark.StatusesSent);
                break;
            case EffectKind.Broadcast when !effect.IsVote && effect.Message is ViewChange own && IsHonest(replica.Id):
                _accounts.Made(replica.Id, own);
                break;
            case EffectKind.Relay when effect.Request is not null:
                _report.Count(Mark.RequestsRelayed);
                break;
        }
    }

    public override void OnApplied(SimulatedReplica replica, in OperationContext context, ReadOnlySpan<byte> operation) =>
        _applied[replica.Id].Add((context, operation.ToArray()));

    public override void OnSent(int from, ReplicaSet to, in Input message)
    {
        if (message.Kind == InputKind.NewView) _accounts.Shown(message.NewView);
        if (from >= _plan.Options.Cluster.Replicas || !IsHonest(new(from))) return;
        _doubleVotes.Sent(new(from), message);
        _accounts.Sent(new(from), message);
        _learners.Sent(new(from), message);
    }

    public override void OnRestarted(SimulatedReplica replica)
    {
        _report.Count(Mark.Restarts);
        if (replica.Machine.LastExecuted > SequenceNumber.Zero) _report.Count(Mark.RestartsFromSnapshot);
        if (replica.Machine is { IsActive: true, View.Number: > 0 }) _report.Count(Mark.RestartsInLaterView);
        if (replica.Disk is JournalDisk { Torn: not null }) _report.Count(Mark.TornTailsCut);
        if (replica.Disk is JournalDisk { HasSnapshot: true }) _report.Count(Mark.SnapshotsRecovered);
        var executed = replica.Machine.LastExecuted;
        _applied[replica.Id].Clear();
        _digested[replica.Id] = executed;
        _doubleVotes.Restarted(replica.Id);
        _accounts.Restarted(replica.Id);
        if (!IsHonest(replica.Id)) return;
        _agreement.Restarted(replica.Id, executed);
        _atMostOnce.Restarted(replica.Id, executed);
    }

    public override void OnStepped(SimulatedReplica replica, in Input input)
    {
        _bounds.Check(replica);
        _accounts.Stepped(replica.Id, input);
        if (input.Kind == InputKind.Vote && !_prePrepared[replica.Id].Contains(input.Vote.Sequence) && input.Vote.Sequence > replica.Machine.LastExecuted)
        {
            _report.Count(Mark.VotesBeforeProposal);
        }

        if (replica.Leader.Queued > 0 && replica.Leader.Outstanding < _plan.Options.Pipeline &&
            _agreement.History.Count >= replica.Machine.StableCheckpoint.Value + _plan.Options.LogWindow) _report.Count(Mark.WindowFull);

        var executed = replica.Machine.LastExecuted;
        if (!_plan.ComparesEveryState || !IsHonest(replica.Id) || executed == _digested[replica.Id]) return;
        _digested[replica.Id] = executed;
        _digests.Digested(replica.Id, executed, replica.State.ComputeDigest());
    }

    public override void OnReplied(SimulatedReplica replica, Reply reply)
    {
        if (reply.Status == ReplyStatus.Executed && !_answered.Add((replica.Id, reply.Request))) _report.Count(Mark.AnsweredFromCache);
    }

    public override void OnSubmitted(SimulatedClient client, Request request)
    {
        _validity.Submitted(request);
        _realTime.Submitted(request.Id);
        if (!request.OpensSession) _calls.Add(request.Id, AddCall(request));
    }

    public override void OnMadeUp(Request request)
    {
        _validity.Submitted(request);
        if (request.OpensSession) return;

        // Each request under one number may have taken effect: what nobody waits for is a call without an answer.
        if (!_madeUp.TryGetValue(request.Id, out var calls)) _madeUp.Add(request.Id, calls = []);
        calls.Add((request, AddCall(request)));
    }

    public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted)
    {
        _replies.Accepted(request, accepted);
        switch (accepted.Reply.Status)
        {
            case ReplyStatus.SessionOpened:
                _report.Count(Mark.SessionsOpened);
                _realTime.Accepted(request.Id, accepted.Reply.Sequence);
                break;
            case ReplyStatus.Executed:
                _report.Count(Mark.ResultsAccepted);
                _realTime.Accepted(request.Id, accepted.Reply.Sequence);
                Complete(_calls[request.Id], accepted.Reply.Results);
                break;
            case ReplyStatus.SessionUnknown:
                _report.Count(Mark.SessionsLost);
                break;
        }
    }

    public override void OnReadBegun(SimulatedClient client, Read read)
    {
        var call = new ClientCall($"{read}", _time.Now.Microseconds, [.. read.Operations.Select(static operation => Workload.Describe(operation.Span))]);
        _reads.Add((read.Client, read.Number), call);
        _linearizability.Add(call);
    }

    public override void OnReadEnded(SimulatedClient client, Read read, AcceptedRead? accepted)
    {
        _report.Count(accepted is null ? Mark.ReadsOrdered : Mark.ReadsAccepted);
        if (accepted is not null) Complete(_reads[(read.Client, read.Number)], accepted.Results);
    }

    /// <summary>A replica's state at the end.</summary>
    public void Digested(SimulatedReplica replica) => _digests.Digested(replica.Id, replica.Machine.LastExecuted, replica.State.ComputeDigest());

    private ClientCall AddCall(Request request)
    {
        var call = new ClientCall($"{request.Id}", _time.Now.Microseconds, [.. request.Operations.Select(static operation => Workload.Describe(operation.Span))]);
        _linearizability.Add(call);
        return call;
    }

    private ClientCall? CallOf(Request request)
    {
        if (_calls.TryGetValue(request.Id, out var call)) return call;
        if (!_madeUp.TryGetValue(request.Id, out var calls)) return null;
        _report.Count(Mark.FaultyRequestsExecuted);
        return calls.Find(one => SealedPart.Of(one.Request).SequenceEqual(SealedPart.Of(request))).Call;
    }

    private void Complete(ClientCall call, ReadOnlyMemory<byte> encoding)
    {
        if (!OperationResults.TryRead(encoding, out var results) || results.Length != call.Operations.Count)
        {
            throw new SimulationFailedException($"Linearizability: {call.Name} was answered with what are not the results of its operations.");
        }

        ModelResult[] read = [.. results.Select(static result => ModelResult.Of(result) ?? throw new SimulationFailedException("Linearizability: a result makes no sense."))];
        call.Complete(_time.Now.Microseconds, read);
    }

    private void OnReported(SimulatedReplica replica, in ProtocolEvent what)
    {
        switch (what.Kind)
        {
            case ProtocolEventKind.PrePrepared: _prePrepared[replica.Id].Add(what.Sequence); break;
            case ProtocolEventKind.Prepared:
                _prepared[replica.Id].Add(what.Sequence);
                _accounts.Prepared(replica.Id, what.View, what.Sequence, what.Digest);
                break;
            case ProtocolEventKind.Executed when IsHonest(replica.Id): OnExecuted(replica, what); break;
            case ProtocolEventKind.CheckpointStable when IsHonest(replica.Id): _report.Count(Mark.CheckpointsStable); break;
            case ProtocolEventKind.RefusedBusy: _report.Count(Mark.RefusedBusy); break;
            case ProtocolEventKind.RequestOverdue: _report.Count(Mark.RequestsOverdue); break;
            case ProtocolEventKind.Resent: _report.Count(Mark.Resent); break;
            case ProtocolEventKind.TransferStarted: _report.Count(Mark.FellBehind); break;
            case ProtocolEventKind.TransferCompleted when IsHonest(replica.Id):
                _report.Count(Mark.TransfersCompleted);
                _agreement.Restored(replica.Id, what.Sequence);
                _digests.Digested(replica.Id, what.Sequence, what.Digest);
                break;
            case ProtocolEventKind.Suspected: OnSuspected((SuspicionCause)what.Amount); break;
            case ProtocolEventKind.ViewChangeStarted when IsHonest(replica.Id):
                _wasLeft = true;
                _report.Count(Mark.ViewsLeft);
                break;
            case ProtocolEventKind.ViewEntered when IsHonest(replica.Id):
                _viewsEntered = Math.Max(_viewsEntered, what.View.Number);
                _report.Count(Mark.ViewsEntered);
                if (what.Amount > 0) _report.Count(Mark.ChoicesCarriedOver);
                break;
            case ProtocolEventKind.LearnerJoined when IsHonest(replica.Id): _learners.Joined(replica.Id); break;
            case ProtocolEventKind.TookPart when IsHonest(replica.Id): _learners.TookPart(replica.Id, (LifeStage)what.Amount, what.Sequence); break;
            case ProtocolEventKind.BatchFetched: _report.Count(Mark.BatchesFetched); break;
            case ProtocolEventKind.Ignored: OnIgnored(replica, (IgnoreReason)what.Amount); break;
            case ProtocolEventKind.StateDiverged:
                _accusations.Diverged(replica.Id, what.Sequence);
                _report.Count(Mark.ActedCorruptState);
                break;
        }
    }

    private void OnSuspected(SuspicionCause cause)
    {
        _wasSuspected = true;
        _report.Count(cause switch
        {
            SuspicionCause.RequestOverdue => Mark.SuspectedForRequest,
            SuspicionCause.OrderingTooSlow => Mark.SuspectedForSlowOrder,
            SuspicionCause.Equivocation => Mark.SuspectedForEquivocation,
            _ => Mark.SuspectedForNewView,
        });
    }

    private void OnIgnored(SimulatedReplica replica, IgnoreReason reason)
    {
        switch (reason)
        {
            case IgnoreReason.Duplicate: _report.Count(Mark.DuplicatesIgnored); break;
            case IgnoreReason.WrongNewView: _report.Count(Mark.NewViewsRefused); break;
            case IgnoreReason.BelowWindow: _report.Count(Mark.BelowWindowIgnored); break;
            case IgnoreReason.TimestampOutOfBounds when _plan.Faults.GetValueOrDefault(replica.Id) == FaultKind.ClockFarOff:
                _report.Count(Mark.ActedClockFarOff);
                break;
        }
    }

    private void OnExecuted(SimulatedReplica replica, in ProtocolEvent what)
    {
        var batch = what.Batch!; // comes with the event
        _agreement.Executed(replica.Id, what.Sequence, batch);
        _report.Count(Mark.BatchesExecuted);
        if (batch.Digest == BatchEncoding.Null.Digest) _report.Count(Mark.NullBatchesExecuted);
        if (batch.Requests.Length > 1) _report.Count(Mark.BatchesOfSeveralExecuted);
        if (!_prepared[replica.Id].Contains(what.Sequence)) _report.Count(Mark.ExecutedUnprepared);

        var sequence = what.Sequence;
        var applied = _applied[replica.Id].FindAll(one => one.Context.Sequence == sequence);
        _applied[replica.Id].RemoveAll(one => one.Context.Sequence == sequence);
        var next = 0;
        var position = 0;
        foreach (var request in batch.Requests)
        {
            _validity.Ordered(replica.Id, request);
            for (var i = 0; i < request.Operations.Length; i++, position++)
            {
                if (next == applied.Count || applied[next].Context.Position != position)
                {
                    if (i == 0 && _atMostOnce.WasApplied(replica.Id, request.Id)) _report.Count(Mark.OrderedTwiceExecutedOnce);
                    continue;
                }

                ValidityChecker.Applied(replica.Id, request, i, applied[next].Operation);
                _atMostOnce.Applied(replica.Id, request.Id, i, what.Sequence);
                CallOf(request)?.Suggest((what.Sequence.Value << 16) + position); // where the search looks first; it believes none of it
                _report.Count(Mark.OperationsApplied);
                next++;
            }
        }

        if (next != applied.Count) throw new SimulationFailedException($"Validity: {replica.Id} applied operations at {sequence} that its batch does not hold.");
    }
}
