namespace OrleansPbft.Core;

/// <summary>One session of a client as a state machine: numbers requests, sends them again, accepts at f + 1 (rules C-3, C-4).</summary>
/// <remarks>The third machine of the core: shared by the client library, the client grain and the simulation. It neither signs nor
/// sends; its host keeps the signed bytes of each number in flight. Deterministic, synchronous, not thread-safe.</remarks>
public sealed class ClientSession
{
    private readonly ClientSessionOptions _options;
    private readonly ClientId _client;
    private readonly long[] _viewsSeen;
    private readonly Dictionary<long, RequestInFlight> _inFlight = [];
    private long _last;
    private long _oldest = 1;
    private long _highest; // the highest number known to be executed
    private TimeSpan _typical; // how long answers take of late
    private Instant _wakeAt = Instant.Never;

    /// <summary>Starts a session that is not open yet.</summary>
    /// <param name="client">Whose it is.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="nonce">The number of the request that opens it: 1 or more, and never used before by this client.</param>
    public ClientSession(ClientId client, ClientSessionOptions options, long nonce)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(nonce, 1);
        _client = client;
        _options = options;
        _viewsSeen = new long[options.Cluster.Replicas];
        Nonce = nonce;
    }

    /// <summary>The number of the request that opens this session.</summary>
    public long Nonce { get; }

    /// <summary>The session's number; <see cref="SessionId.None"/> until it is open.</summary>
    public SessionId Id { get; private set; } = SessionId.None;

    /// <summary>Whether the cluster said that this session is gone: open a new one.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The view believed in: the newest that f + 1 replicas named or passed (C-4).</summary>
    public View View { get; private set; } = View.Initial;

    /// <summary>Requests without an answer.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether one more request fits into the window: the replicas' own, which moves only with what they execute.</summary>
    /// <remarks>A number that was given up may never be executed. Were its place free at once, the requests of a long outage would end beyond the
    /// window, and the session with them.</remarks>
    public bool CanBegin => Id != SessionId.None && !IsLost && _last + 1 - _oldest < _options.Window && HasNumbers;

    /// <summary>Whether every number of the window was given up, so that nothing moves it any more: open a new session.</summary>
    public bool IsUsedUp => Id != SessionId.None && _inFlight.Count == 0 && !HasNumbers;

    private bool HasNumbers => _last + 1 - _highest <= _options.Window;

    /// <summary>Asks the cluster to open the session.</summary>
    public void Open(Instant now, ICollection<ClientEffect> effects) => Start(Nonce, now, effects);

    /// <summary>The number that the next <see cref="Begin"/> takes: what the host signs first.</summary>
    public long NextNumber => _last + 1;

    /// <summary>Puts the request numbered <see cref="NextNumber"/> in flight and returns its number.</summary>
    /// <exception cref="InvalidOperationException"><see cref="CanBegin"/> is false.</exception>
    public long Begin(Instant now, ICollection<ClientEffect> effects)
    {
        if (!CanBegin) throw new InvalidOperationException("The session is not open, or its window is full.");
        Start(++_last, now, effects);
        return _last;
    }

    /// <summary>Stops waiting for a request. It may be executed all the same; its number is never used again.</summary>
    public void Abandon(long number)
    {
        if (_inFlight.Remove(number)) Slide();
    }

    /// <summary>Whether the primary, or f + 1 replicas, last answered that they are too busy to admit the request.</summary>
    public bool IsRefusedBusy(long number) =>
        _inFlight.TryGetValue(number, out var request)
        && (request.Busy.Contains(_options.Cluster.PrimaryOf(View)) || request.Busy.Count >= _options.Cluster.WeakQuorum);

    /// <summary>A reply arrived, authenticated; f + 1 equal ones of distinct replicas complete the request.</summary>
    public void OnReply(Instant now, Reply reply, ICollection<ClientEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(effects);
        var cluster = _options.Cluster;
        if (reply.Request.Client != _client || !cluster.Contains(reply.Sender)) return;

        // A view is believed when f + 1 replicas are in it or beyond: one of them is correct (LESSONS B52).
        if (reply.View.Number > _viewsSeen[reply.Sender.Index])
        {
            _viewsSeen[reply.Sender.Index] = reply.View.Number;
            BelieveViews();
        }

        var isOpening = reply.Request.Session == SessionId.None;
        if (isOpening ? reply.Request.Number != Nonce : reply.Request.Session != Id) return;
        if (isOpening == (Id != SessionId.None) || !_inFlight.TryGetValue(reply.Request.Number, out var request)) return; // late or not ours

        if (reply.Status == ReplyStatus.Busy)
        {
            OnBusy(now, reply, request, effects);
            return;
        }

        request.Replies[reply.Sender.Index] = reply;
        var agreed = ReplicaSet.Empty;
        for (var i = 0; i < request.Replies.Length; i++)
        {
            if (request.Replies[i] is { } other && AreEqual(reply, other)) agreed = agreed.With(new(i));
        }

        if (agreed.Count < cluster.WeakQuorum) return;
        _typical += (now.Since(request.Began) - _typical) / 8;
        Complete(reply.Request.Number, new(reply, agreed), effects);
    }

    /// <summary>Time passed: requests that waited long enough go to all replicas; those that the primary refused, to it again.</summary>
    public void Tick(Instant now, ICollection<ClientEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        _wakeAt = Instant.Never;
        foreach (var (number, request) in _inFlight.OrderBy(static entry => entry.Key))
        {
            if (request.Due <= now) Retransmit(number, request, now, effects);
            else if (request.AskAgainAt <= now) AskPrimaryAgain(number, request, effects);
            WakeBy(request.NextDue, effects);
        }
    }

    private void Start(long number, Instant now, ICollection<ClientEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        var request = new RequestInFlight(_options.Cluster.Replicas, _options.RetransmitAfter, now) { Due = now.Plus(FirstWait) };
        _inFlight.Add(number, request);
        effects.Add(new(ClientEffectKind.Send, number, ReplicaSet.Empty.With(_options.Cluster.PrimaryOf(View)), null, default));
        WakeBy(request.Due, effects);
    }

    /// <summary>Twice as long as answers take of late, within bounds: in a cluster that has much to do, asking all replicas would only give it more to do.</summary>
    private TimeSpan FirstWait
    {
        get
        {
            var wait = 2 * _typical;
            if (wait < _options.RetransmitAfter) return _options.RetransmitAfter;
            return wait < BusyPatience ? wait : BusyPatience;
        }
    }

    /// <summary>How long the primary alone is asked, at most: it may be busy, and it may say so to keep this client out.</summary>
    private TimeSpan BusyPatience
    {
        get
        {
            var patience = 4 * _options.RetransmitAfter;
            return patience < _options.RetransmitAfterMax ? patience : _options.RetransmitAfterMax;
        }
    }

    private void Retransmit(long number, RequestInFlight request, Instant now, ICollection<ClientEffect> effects)
    {
        effects.Add(new(ClientEffectKind.Send, number, _options.Cluster.All, null, default));
        request.Busy = ReplicaSet.Empty;
        request.Wait = request.Wait * 2 < _options.RetransmitAfterMax ? request.Wait * 2 : _options.RetransmitAfterMax;
        request.WentToAll = true;
        request.AskAgainAt = Instant.Never;
        request.Due = now.Plus(request.Wait);
    }

    private void AskPrimaryAgain(long number, RequestInFlight request, ICollection<ClientEffect> effects)
    {
        effects.Add(new(ClientEffectKind.Send, number, ReplicaSet.Empty.With(_options.Cluster.PrimaryOf(View)), null, default));
        request.AskAgainAt = Instant.Never;
    }

    /// <summary>The primary has no room: it alone is asked again when it said, and all replicas a little later than they would have been (C-6).</summary>
    /// <remarks>Replicas that need not know of a refused request have less to do, and nothing to blame on a busy primary. One that only says it is
    /// busy gains <see cref="BusyPatience"/>.</remarks>
    private void OnBusy(Instant now, Reply reply, RequestInFlight request, ICollection<ClientEffect> effects)
    {
        request.Busy = request.Busy.With(reply.Sender);
        if (reply.Sender != _options.Cluster.PrimaryOf(View) || request.AskAgainAt != Instant.Never) return;

        var hint = RetryHint.Decode(reply.Results.Span, otherwise: _options.RetransmitAfter);
        request.AskAgainAt = now.Plus(hint > request.BusyWait ? hint : request.BusyWait); // or the primary could make this client flood it
        request.BusyWait *= 2;
        var patience = request.Began.Plus(BusyPatience);
        if (!request.WentToAll && request.Due < patience) request.Due = patience;
        WakeBy(request.NextDue, effects);
    }

    private void Complete(long number, AcceptedReply accepted, ICollection<ClientEffect> effects)
    {
        _inFlight.Remove(number);
        switch (accepted.Reply.Status)
        {
            case ReplyStatus.SessionOpened:
                Id = accepted.Reply.Session;
                break;
            case ReplyStatus.SessionUnknown or ReplyStatus.BelowWindow or ReplyStatus.AboveWindow:
                IsLost = true;
                break;
            case ReplyStatus.Executed or ReplyStatus.ResultDropped:
                _highest = Math.Max(_highest, number);
                break;
        }

        Slide();
        effects.Add(new(ClientEffectKind.Complete, number, accepted.Agreed, accepted, default));
    }

    private void Slide()
    {
        while (_oldest <= _last && !_inFlight.ContainsKey(_oldest)) _oldest++;
    }

    private void BelieveViews()
    {
        Span<long> views = stackalloc long[ClusterSize.ReplicasMax];
        views = views[.._viewsSeen.Length];
        _viewsSeen.CopyTo(views);
        views.Sort();
        var believed = new View(views[^_options.Cluster.WeakQuorum]);
        if (believed > View) View = believed;
    }

    private void WakeBy(Instant due, ICollection<ClientEffect> effects)
    {
        if (due >= _wakeAt) return;
        _wakeAt = due;
        effects.Add(new(ClientEffectKind.WakeAt, 0, default, null, due));
    }

    private static bool AreEqual(Reply left, Reply right) =>
        left.Session == right.Session && left.Sequence == right.Sequence && left.Status == right.Status &&
        left.Results.Span.SequenceEqual(right.Results.Span);

    private sealed class RequestInFlight(int replicas, TimeSpan wait, Instant began)
    {
        public Instant Began { get; } = began;

        public Reply?[] Replies { get; } = new Reply?[replicas];

        public ReplicaSet Busy { get; set; }

        public TimeSpan Wait { get; set; } = wait;

        public TimeSpan BusyWait { get; set; } = TimeSpan.FromMilliseconds(10);

        /// <summary>When it goes to all.</summary>
        public Instant Due { get; set; }

        public bool WentToAll { get; set; }

        /// <summary>When the primary, which was busy, is asked again.</summary>
        public Instant AskAgainAt { get; set; } = Instant.Never;

        public Instant NextDue => AskAgainAt < Due ? AskAgainAt : Due;
    }
}
