namespace OrleansPbft.Core;

/// <summary>What a client does next about a read.</summary>
public enum ReadStep
{
    /// <summary>Wait: for answers, and for <see cref="QuorumRead.Due"/>.</summary>
    Wait = 0,

    /// <summary>Send the read, as it was signed, to all replicas once more.</summary>
    AskAgain,

    /// <summary>Take <see cref="QuorumRead.Accepted"/> for the answer.</summary>
    Accept,

    /// <summary>Have the operations ordered: this read will not be accepted.</summary>
    Order,
}

/// <summary>The answer to a read that f + 1 distinct replicas gave equally, none of them from a state too old (rule C-7).</summary>
/// <param name="Results">The results in their canonical encoding.</param>
/// <param name="View">The newest view that f + 1 of the answering replicas named or passed; a hint.</param>
/// <param name="Sequence">What was executed up to here is in the results.</param>
/// <param name="Agreed">Who gave them.</param>
public sealed record AcceptedRead(ReadOnlyMemory<byte> Results, View View, SequenceNumber Sequence, ReplicaSet Agreed);

/// <summary>One read of a client as a state machine: when the answers of q replicas suffice, and what to do when they do not (rule C-7).</summary>
/// <remarks>
/// <para>The fourth machine of the core; like the others it neither sends nor signs, and is told the time. One object is one read.</para>
/// <para><b>The rule.</b> Each answer says: these are the results of the state after e, and p was the highest sequence number I had ever
/// prepared when your read came. Once q replicas have answered, let P be the q-th smallest p: q replicas named P or less. A result is
/// accepted when f + 1 replicas give it, each with e at or above P.</para>
/// <para><b>Why no read is too old.</b> Let s be executed by a correct replica before the read begins: that is so of every write a client
/// knows to be done (one of f + 1 equal replies is a correct replica's), and of every state that an earlier read was answered from (one of
/// its f + 1 equal answers is a correct replica's too, and that one had executed all up to its e). It, or the one whose checkpoint it took
/// over, executed s on q COMMITs, so q less the faulty ones had prepared s by then. Any two quorums share f + 1 replicas, so one of the q whose p is P or less is correct and
/// among those: its p is s or more, as it never goes down. Hence P is s or more; of the f + 1 accepted, one is correct, executed P or more,
/// and so holds s and all before it. Its results are what ordering the operations there would have given. So reads see every write and
/// every read that was over when they began, and, as nothing is executed before it is asked for, none that began when they were over:
/// with each read placed behind the e of that correct replica, the order of execution is a linearization.</para>
/// <para><b>Any q will do.</b> The argument takes any q answers and any f + 1 equal results. So where more than q came, the q that name
/// least are taken: f liars who name absurd numbers are left out as soon as q others answer, and until then cost the short cut, nothing
/// else. An answer to the first asking bounds the second as well, as it came after the read began; so the replicas need only catch up
/// with what they named then, and not with what is prepared ever since.</para>
/// </remarks>
public sealed class QuorumRead
{
    private readonly ClusterSize _cluster;
    private readonly ClientId _client;
    private readonly long _number;
    private readonly TimeSpan _pause;
    private readonly Instant _giveUpAt;
    private readonly ReadReply?[] _newest;
    private readonly long[] _prepared;
    private ReplicaSet _answered; // ever
    private ReplicaSet _answeredNow; // since it was last asked, as the next
    private ReplicaSet _refusedNow;
    private TimeSpan _retryAfter = TimeSpan.MaxValue;
    private Instant _askAgainAt = Instant.Never;
    private bool _askedAgain;
    private bool _isOver;

    /// <summary>Begins a read, which its host sends to all replicas.</summary>
    /// <param name="cluster">n and its thresholds.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="number">The read's number, never used before by this client.</param>
    /// <param name="now">The time.</param>
    /// <param name="patience">After so long without an acceptable answer the operations are to be ordered.</param>
    public QuorumRead(ClusterSize cluster, ClientId client, long number, Instant now, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        _cluster = cluster;
        _client = client;
        _number = number;
        _giveUpAt = now.Plus(patience);
        _pause = patience / 64;
        _newest = new ReadReply?[cluster.Replicas];
        _prepared = new long[cluster.Replicas];
    }

    /// <summary>When to call <see cref="Tick"/>.</summary>
    public Instant Due => _askAgainAt < _giveUpAt ? _askAgainAt : _giveUpAt;

    /// <summary>The answer, once there is one.</summary>
    public AcceptedRead? Accepted { get; private set; }

    /// <summary>An authenticated answer came.</summary>
    public ReadStep OnReply(Instant now, ReadReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (_isOver || reply.Client != _client || reply.Number != _number || !_cluster.Contains(reply.Sender)) return ReadStep.Wait;

        if (reply.Status == ReadStatus.Busy)
        {
            _refusedNow = _refusedNow.With(reply.Sender);
            var after = RetryHint.Decode(reply.Results.Span, otherwise: _pause);
            if (after < _retryAfter) _retryAfter = after; // a liar may say never, or at once, which costs nothing but this read's second chance
        }
        else
        {
            Take(reply);
            if (FindAcceptable() is { } acceptable) return Accept(acceptable);
        }

        return NextAsking(now);
    }

    /// <summary>Time passed.</summary>
    public ReadStep Tick(Instant now)
    {
        if (_isOver) return ReadStep.Wait;
        if (now >= _giveUpAt) return End(ReadStep.Order);
        if (now < _askAgainAt) return ReadStep.Wait;
        return AskAgain();
    }

    private void Take(ReadReply reply)
    {
        var i = reply.Sender.Index;
        _answeredNow = _answeredNow.With(reply.Sender);
        if (!_answered.Contains(reply.Sender) || reply.Prepared.Value < _prepared[i]) _prepared[i] = reply.Prepared.Value;
        if (_newest[i] is not { } known || reply.Executed >= known.Executed) _newest[i] = reply;
        _answered = _answered.With(reply.Sender);
    }

    /// <summary>The lowest e of f + 1 equal answers none of which is too old, and who gave them; null while there are none.</summary>
    private AcceptedRead? FindAcceptable()
    {
        if (_answered.Count < _cluster.Quorum) return null;
        var bound = BoundOfQuorum();
        foreach (var candidate in _answered)
        {
            var results = _newest[candidate.Index]!.Results;
            var agreed = ReplicaSet.Empty;
            var sequence = new SequenceNumber(long.MaxValue);
            foreach (var other in _answered)
            {
                var reply = _newest[other.Index]!;
                if (reply.Executed.Value < bound || !reply.Results.Span.SequenceEqual(results.Span)) continue;
                agreed = agreed.With(other);
                if (reply.Executed < sequence) sequence = reply.Executed;
            }

            if (agreed.Count >= _cluster.WeakQuorum) return new(results, ViewOf(), sequence, agreed);
        }

        return null;
    }

    /// <summary>P: the least that some q replicas named at most.</summary>
    private long BoundOfQuorum()
    {
        Span<long> named = stackalloc long[ClusterSize.ReplicasMax];
        var count = 0;
        foreach (var replica in _answered) named[count++] = _prepared[replica.Index];
        named = named[..count];
        named.Sort();
        return named[_cluster.Quorum - 1];
    }

    private View ViewOf()
    {
        Span<long> views = stackalloc long[ClusterSize.ReplicasMax];
        var count = 0;
        foreach (var replica in _answered) views[count++] = _newest[replica.Index]!.View.Number;
        views = views[..count];
        views.Sort();
        return new(views[^_cluster.WeakQuorum]);
    }

    /// <summary>What the service does not answer as a query is ordered; it alone knows what it is then.</summary>
    private ReadStep Accept(AcceptedRead acceptable)
    {
        if (OperationResults.TryRead(acceptable.Results, out var results))
        {
            foreach (var result in results)
            {
                if (result.Status == OperationStatus.Rejected) return End(ReadStep.Order);
            }
        }

        Accepted = acceptable;
        return End(ReadStep.Accept);
    }

    /// <summary>Decides about asking again: at once when all have spoken, a little later when some may yet; and only once.</summary>
    private ReadStep NextAsking(Instant now)
    {
        var isHeard = new ReplicaSet(_answeredNow.Bits | _refusedNow.Bits) == _cluster.All;
        if (_answeredNow.Count < _cluster.Quorum && !isHeard && !CanNotBeAnswered) return ReadStep.Wait;
        if (_askedAgain) return End(ReadStep.Order);

        var pause = CanNotBeAnswered ? _retryAfter : isHeard ? TimeSpan.Zero : _pause;
        var at = now.Plus(pause);
        if (at < _askAgainAt) _askAgainAt = at;
        return now >= _askAgainAt ? AskAgain() : ReadStep.Wait;
    }

    private bool CanNotBeAnswered => _refusedNow.Count > _cluster.Replicas - _cluster.Quorum;

    private ReadStep AskAgain()
    {
        _askedAgain = true;
        _askAgainAt = Instant.Never;
        _answeredNow = ReplicaSet.Empty;
        _refusedNow = ReplicaSet.Empty;
        _retryAfter = TimeSpan.MaxValue;
        return ReadStep.AskAgain;
    }

    private ReadStep End(ReadStep step)
    {
        _isOver = true;
        _askAgainAt = Instant.Never;
        return step;
    }
}
