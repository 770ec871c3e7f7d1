namespace OrleansPbft.Core;

/// <summary>One replica as a state machine: inputs in, effects out; no clock, no thread, no input or output of its own.</summary>
/// <remarks>
/// Castro and Liskov, "Practical Byzantine Fault Tolerance and Proactive Recovery", TOCS 2002. One partial for each section:
/// requests and clients (4.1, 4.2), normal case (4.2), checkpoints (4.3), view changes and new views (4.4, 4.5), state transfer,
/// retransmission, recovery. The same inputs give the same effects, bit for bit; no input of a peer or a client makes a step throw.
/// Not thread-safe: one host, one step at a time.
/// </remarks>
public sealed partial class Replica
{
    private readonly ProtocolOptions _options;
    private readonly ClusterSize _cluster;
    private readonly ReplicaId _self;
    private readonly ReplicatedState _state;
    private readonly MessageLog _log;
    private readonly CheckpointLog _checkpoints;
    private readonly PendingRequests _pending;
    private SequenceNumber _leadsFrom;
    private Instant _now;
    private Instant _wakeAt = Instant.Never;

    /// <summary>Starts a replica in view 0 with nothing executed.</summary>
    /// <exception cref="ArgumentException"><paramref name="options"/> contradict themselves, or <paramref name="self"/> is not in the cluster.</exception>
    public Replica(ReplicaId self, ProtocolOptions options, ReplicatedState state)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(state);
        if (options.Problems() is [var problem, ..]) throw new ArgumentException(problem, nameof(options));
        if (!options.Cluster.Contains(self)) throw new ArgumentException($"{self} is not one of {options.Cluster}.", nameof(self));

        _options = options;
        _cluster = options.Cluster;
        _self = self;
        _state = state;
        _log = new(_cluster, options.LogWindow);
        _checkpoints = new(_cluster, options.CheckpointInterval, options.LogWindow);
        _pending = new(options);
        _suspects = new Suspect?[_cluster.Replicas];
        _viewChanges = new ViewChange?[_cluster.Replicas];
        _viewsHeard = new View[_cluster.Replicas];
        _served = new int[_cluster.Replicas];
        _asks = new Ask?[_cluster.Replicas];
        _far = new Checkpoint?[_cluster.Replicas];
        _readAdmission = new(options);
        _reports = new(_cluster);
        _livesKnown = new long[_cluster.Replicas];
        _statusAnswered = new Instant[_cluster.Replicas];
        Array.Fill(_statusAnswered, new Instant(long.MinValue / 2));
    }

    /// <summary>v: the current view, or the one being changed to.</summary>
    public View View => _view;

    /// <summary>The last sequence number executed.</summary>
    public SequenceNumber LastExecuted => _state.LastExecuted;

    /// <summary>h: the last stable checkpoint.</summary>
    public SequenceNumber StableCheckpoint => _log.LowWatermark;

    /// <summary>Requests that wait to be executed.</summary>
    public int Pending => _pending.Count;

    /// <summary>Sequence numbers proposed or voted on and not yet executed.</summary>
    public int InFlight => (int)Math.Max(0, _log.HighestOpen.Value - Math.Max(LastExecuted.Value, StableCheckpoint.Value));

    /// <summary>Open sessions.</summary>
    public int Sessions => _state.Sessions;

    private bool IsPrimary => _cluster.PrimaryOf(_view) == _self;

    /// <summary>Tells the leader whether it leads. The host calls it once, before the first input.</summary>
    public void Start(Instant now, Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        _now = now;
        ResumeRecovered(outbox);
        LeadFrom(LastExecuted);
        LeadFrom(StableCheckpoint);
        InformLeader(outbox);
        StartLearning(outbox);
        AskToBeWoken(outbox);
    }

    /// <summary>Takes one authenticated input and adds what must be done to <paramref name="outbox"/>, in order.</summary>
    /// <param name="now">The time; an earlier one than before counts as the one before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="outbox">The host's; effects are added behind those that are there.</param>
    public void Step(Instant now, in Input input, Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        if (now > _now) _now = now;
        CountIdleTime();

        switch (input.Kind)
        {
            case InputKind.Request: OnRequest(input.Request, outbox); break;
            case InputKind.PrePrepare: OnPrePrepare(input.PrePrepare, outbox); break;
            case InputKind.Vote: OnVote(input.Vote, outbox); break;
            case InputKind.Checkpoint: OnCheckpoint(input.Checkpoint, outbox); break;
            case InputKind.Status: OnStatus(input.Status, outbox); break;
            case InputKind.Suspect: OnSuspect(input.Suspect, outbox); break;
            case InputKind.ViewChange: OnViewChange(input.ViewChange, outbox); break;
            case InputKind.NewView: OnNewView(input.NewView, outbox); break;
            case InputKind.FetchBatch: OnFetchBatch(input.FetchBatch, outbox); break;
            case InputKind.Batch: OnFetchedBatch(input.Batch, outbox); break;
            case InputKind.FetchChunks: OnFetchChunks(input.FetchChunks, outbox); break;
            case InputKind.Chunks: OnChunks(input.Chunks, outbox); break;
            case InputKind.Read: OnRead(input.Read, outbox); break;
            case InputKind.Tick: _wakeAt = Instant.Never; break; // what is due is looked for below, after every input
            default: Ignore(IgnoreReason.WrongRole, default, outbox); break;
        }

        AnswerWaitingReads(outbox);
        ReturnWhenBeyond(outbox);
        OnTimePassed(outbox);
        _idles = IsPrimaryIdle;
        AskToBeWoken(outbox);
    }

    /// <summary>Where this replica stands. Takes the digest of its state, at a cost that follows what changed since the last.</summary>
    public ReplicaSnapshot Snapshot() => new(
        _self,
        Condition,
        _view,
        _cluster.PrimaryOf(_view),
        LastExecuted,
        StableCheckpoint,
        _state.ComputeDigest(),
        Pending,
        InFlight,
        _state.Sessions,
        _evidence,
        IsLearner ? _silentUpTo : null);

    /// <summary>How it is doing.</summary>
    public ReplicaCondition Condition =>
        _diverged ? ReplicaCondition.Diverged :
        IsLearner ? ReplicaCondition.Learner :
        !_isActive ? ReplicaCondition.ViewChanging :
        IsTransferring ? ReplicaCondition.Behind : ReplicaCondition.Normal;

    private static void Ignore(IgnoreReason reason, ReplicaId sender, Outbox outbox) =>
        outbox.Add(Effect.Report(ProtocolEventKind.Ignored, default, default, about: sender, amount: (long)reason));

    private void Accuse(Evidence evidence, Outbox outbox)
    {
        _evidence++;
        outbox.Add(Effect.Accuse(evidence));
    }

    private void InformLeader(Outbox outbox) => outbox.Add(Effect.InformLeader(new(
        _view, IsPrimary && _isActive && !_abdicated && !IsLearner, _leadsFrom, LastExecuted, StableCheckpoint, NewestTimestamp())));

    /// <summary>The newest agreed or proposed time: what a leader goes on from.</summary>
    private Instant NewestTimestamp()
    {
        var newest = _state.LastTimestamp;
        for (var n = LastExecuted.Next; n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n)?.Proposal is { } proposal && proposal.Batch.Timestamp > newest) newest = proposal.Batch.Timestamp;
        }

        return newest;
    }

    private void Answer(Reply reply, Outbox outbox)
    {
        if (!IsSilent) outbox.Add(Effect.Answer(reply));
    }

    /// <summary>Does what has become due: request timers (C-5), those of the view, and the status of a replica that makes no progress (VC-9).</summary>
    private void OnTimePassed(Outbox outbox)
    {
        while (_pending.FindExpired(_now) is { } overdue) OnOverdue(overdue, outbox);
        WatchView(outbox);
        WatchTransfer(outbox);
        WatchProgress(outbox);
    }

    private void AskToBeWoken(Outbox outbox)
    {
        var due = Earliest(Earliest(_pending.NextDue, _statusDue), Earliest(Earliest(_newViewDue, OrderingDue), TransferDue));
        if (due >= _wakeAt) return; // woken early enough already; a tick that finds nothing due asks again
        _wakeAt = due;
        outbox.Add(Effect.WakeAt(due));
    }

    private static Instant Earliest(Instant left, Instant right) => left < right ? left : right;
}
