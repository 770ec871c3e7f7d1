using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>The ordering role of a replica as a state machine: queues requests, forms batches, assigns sequence numbers, proposes.</summary>
/// <remarks>
/// Rules N-1, N-7, C-6. Active only while its replica is the primary of an active view. Its requests come from its own
/// <see cref="Replica"/>, which has refused what was executed, known or too much, and which keeps them until they are executed: what a
/// leader forgets is handed to it again. Deterministic, synchronous, not thread-safe, as the replica.
/// </remarks>
public sealed class Leader
{
    private readonly ReplicaId _self;
    private readonly ProtocolOptions _options;
    private readonly RequestQueue _queue = new();
    private readonly HashSet<RequestId> _known = [];
    private readonly Queue<(PrePrepare Proposal, Instant At)> _outstanding = [];
    private readonly PipelineLoad _load;
    private View _view;
    private bool _leads;
    private SequenceNumber _next;
    private SequenceNumber _lastExecuted;
    private SequenceNumber _stableCheckpoint;
    private Instant _lastTimestamp;
    private Instant _now;
    private int _expected; // requests: those that were ready when a batch was executed, and as many as it had, whose clients may ask for more
    private Instant _executedAt; // when one was executed last
    private TimeSpan _lastTook; // from its proposal on
    private Instant _wakeAt = Instant.Never;

    /// <summary>Starts a leader that does not lead until its replica says so.</summary>
    public Leader(ReplicaId self, ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _self = self;
        _options = options;
        _load = new(period: options.OrderingDelayMax / 10);
    }

    /// <summary>How many requests wait to be proposed.</summary>
    public int Queued => _queue.Count;

    /// <summary>How many proposals are made and not yet executed here.</summary>
    public int Outstanding => _outstanding.Count;

    /// <summary>Takes one input and adds what must be done to <paramref name="outbox"/>, in order.</summary>
    public void Step(Instant now, in LeaderInput input, Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        if (now > _now) _now = now;
        _load.Count(_now);

        switch (input.Kind)
        {
            case LeaderInputKind.Order: OnOrder(input.Request); break;
            case LeaderInputKind.Update: OnUpdate(input.Update); break;
            case LeaderInputKind.Tick: _wakeAt = Instant.Never; break;
            default: return;
        }

        while (IsTimeToPropose(outbox)) Propose(outbox);
        _load.Tell(isIdle: _outstanding.Count == 0);
    }

    private void OnOrder(Request request)
    {
        if (!_leads || _queue.Count >= 2L * _options.PendingMax) return; // another replica's to order, or more than ours can have waiting: it hands them over again
        if (!_known.Add(request.Id)) return; // queued or proposed already
        _queue.Add(request, _now);
    }

    /// <summary>The replica moved: proposals up to what it executed are done; a new view starts from nothing.</summary>
    private void OnUpdate(LeaderUpdate update)
    {
        if (update.View < _view) return;
        if (update.View != _view || update.IsPrimary != _leads)
        {
            _view = update.View;
            _leads = update.IsPrimary;
            _next = update.NextSequence;
            _lastTimestamp = update.LastTimestamp;
            _queue.Clear();
            _known.Clear();
            _outstanding.Clear();
            _expected = 0;
            _lastTook = _options.BatchDelayMax;
        }

        if (update.LastTimestamp > _lastTimestamp) _lastTimestamp = update.LastTimestamp;
        if (update.LastExecuted > _lastExecuted) _lastExecuted = update.LastExecuted;
        if (update.StableCheckpoint > _stableCheckpoint) _stableCheckpoint = update.StableCheckpoint;
        Finish();
    }

    /// <summary>What was proposed and is executed is outstanding no more.</summary>
    private void Finish()
    {
        var executed = 0;
        while (_outstanding.TryPeek(out var outstanding) && outstanding.Proposal.Sequence <= _lastExecuted)
        {
            _outstanding.Dequeue();
            _executedAt = _now;
            _lastTook = TimeSpan.FromMicroseconds(_now.Microseconds - outstanding.At.Microseconds);
            foreach (var request in outstanding.Proposal.Batch.Requests)
            {
                _known.Remove(request.Id);
                _queue.Finish(request.Id, until: _now.Plus(2 * _lastTook));
                executed++;
            }
        }

        if (executed == 0) return;
        _queue.Reckon(_now, areShared: _load.IsBusy);
        _expected = _queue.Ready + executed;
    }

    /// <summary>Whether to propose now (N-7, ADR 0017): when a batch is full; with nothing in flight, at once, but for what comes within two whiles
    /// after the last one was executed only if as many requests are ready as may then be expected; else when the first of them has waited for a while.
    /// A while is as long as the last batch took, and no longer than <see cref="ProtocolOptions.BatchDelayMax"/>. Never more than
    /// <see cref="ProtocolOptions.Pipeline"/> are outstanding, nor beyond the window.</summary>
    private bool IsTimeToPropose(Outbox outbox)
    {
        if (!_leads || _queue.Count == 0 || _outstanding.Count >= _options.Pipeline) return false;
        if (_next > _stableCheckpoint.Plus(_options.LogWindow)) return false;

        _queue.Reckon(_now, areShared: _load.IsBusy);
        if (_queue.Ready == 0) return false; // what waits is of clients that have their share in flight: it is told when that is executed
        if (_queue.Ready >= _options.BatchMax || _queue.ReadyBytes >= _options.BatchBytesMax) return true;
        var since = _queue.ReadySince;
        var hold = _lastTook < _options.BatchDelayMax ? _lastTook : _options.BatchDelayMax;
        if (_outstanding.Count == 0)
        {
            if (_queue.Ready >= _expected) return true;
            if (since == Instant.Never || since < _executedAt) since = _executedAt;
            else if (since >= _executedAt.Plus(2 * hold)) return true; // nobody is expected any more
        }
        else if (since == Instant.Never)
        {
            return false; // what waits goes along with others', or when nothing is in flight
        }

        var due = since.Plus(hold);
        if (due <= _now) return true;
        if (due < _wakeAt)
        {
            _wakeAt = due;
            outbox.Add(Effect.WakeAt(due));
        }

        return false;
    }

    /// <summary>Forms the next batch and proposes it: durable first, then to every replica, our own included.</summary>
    private void Propose(Outbox outbox)
    {
        var timestamp = new Instant(Math.Max(_now.Microseconds, _lastTimestamp.Microseconds + 1));
        var batch = BatchEncoding.Encode(timestamp, TakeBatch());
        var proposal = new PrePrepare(_view, _next, batch, _self);
        _lastTimestamp = timestamp;
        _next = _next.Next;
        _outstanding.Enqueue((proposal, _now));

        outbox.Add(Effect.Report(ProtocolEventKind.Proposed, _view, proposal.Sequence, batch.Digest, _self, batch.Requests.Length, batch));
        outbox.Add(Effect.Persist(JournalRecordKind.PrePrepared, _view, proposal.Sequence, batch.Digest, proposal));
        outbox.Add(Effect.Broadcast(proposal));
    }

    private ImmutableArray<Request> TakeBatch()
    {
        var requests = ImmutableArray.CreateBuilder<Request>(Math.Min(_options.BatchMax, _queue.Count));
        var bytes = BatchEncoding.HeaderBytes;
        while (requests.Count < _options.BatchMax && _queue.Peek() is { } request)
        {
            bytes += BatchEncoding.RequestHeaderBytes + request.Envelope.Length;
            if (bytes > _options.BatchBytesMax && requests.Count > 0) break;
            requests.Add(_queue.Take());
        }

        return requests.DrainToImmutable();
    }
}
