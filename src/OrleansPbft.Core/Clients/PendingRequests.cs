namespace OrleansPbft.Core;

/// <summary>The requests a replica has seen and not executed, each with its own timer; bounded, and shared fairly (rules C-5, C-6; ADR 0015).</summary>
/// <remarks>All timers run equally long, so the order in which they were started is the order in which they expire.</remarks>
internal sealed class PendingRequests(ProtocolOptions options)
{
    private readonly Dictionary<RequestId, PendingRequest> _byId = [];
    private readonly Dictionary<ClientId, PendingClient> _byClient = [];
    private readonly LinkedList<PendingClient> _unserved = []; // all clients, who waits longest for a turn first
    private TimeSpan _timeout = options.RequestTimeout;
    private long _proposals;
    private bool _isPaused;
    private long _bytes;
    private PendingRequest? _first;
    private PendingRequest? _last;

    public int Count => _byId.Count;

    /// <summary>When the next timer expires.</summary>
    public Instant NextDue => _isPaused || _first is null ? Instant.Never : _first.Due;

    /// <summary>The one whose timer was started first; null when none waits, or no timer runs.</summary>
    public PendingRequest? Oldest => _isPaused ? null : _first;

    /// <summary>Since when the client that waits longest for its turn has waited, where it was left out of a proposal that it could have been in;
    /// <see cref="Instant.Never"/> where it was not, none waits, or no timer runs.</summary>
    /// <remarks>What was proposed before the primary heard of a request is at most a pipeline; the next has a turn for each client, unless there are more
    /// clients than a batch holds.</remarks>
    public Instant UnservedSince =>
        _isPaused || _unserved.First is not { } first || _proposals - first.Value.ProposalsBefore <= options.Pipeline + (_byClient.Count / options.BatchMax)
            ? Instant.Never
            : first.Value.WaitsSince;

    public bool Contains(RequestId id) => _byId.ContainsKey(id);

    /// <summary>Whether there is room for one more request of a client.</summary>
    /// <remarks>A client may have as much as is still free, and one of its sessions as much as the client may still have. So one that floods
    /// gets half of the room, two get a third each, and there is always room for the first request of one more.</remarks>
    public bool Admits(RequestId id, int bytes)
    {
        var places = options.PendingMax - _byId.Count;
        var room = options.PendingBytesMax - _bytes;
        if (places < 1 || room < bytes) return false;
        if (!_byClient.TryGetValue(id.Client, out var client)) return true;
        if (client.Count >= places || client.Bytes + bytes > room) return false;

        var ofSession = client.Sessions.GetValueOrDefault(id.Session);
        return ofSession == 0 || ofSession < places - client.Count;
    }

    /// <summary>Adds a request that has room, and starts its timer.</summary>
    /// <param name="request">It.</param>
    /// <param name="now">The time.</param>
    /// <param name="idle">How long the primary has been idle so far, in microseconds.</param>
    public void Add(Request request, Instant now, long idle)
    {
        if (!_byClient.TryGetValue(request.Id.Client, out var client))
        {
            _byClient.Add(request.Id.Client, client = new() { WaitsSince = now, ProposalsBefore = _proposals });
            _unserved.AddLast(client.Place);
        }

        var ahead = client.Count++;
        client.Bytes += request.Envelope.Length;
        client.Sessions[request.Id.Session] = client.Sessions.GetValueOrDefault(request.Id.Session) + 1;
        var pending = new PendingRequest(request, client, now, now.Plus(_timeout)) { IdleBefore = idle, Ahead = ahead, DoneBefore = client.Done, DoneAtStart = client.Done };
        _byId.Add(request.Id, pending);
        _bytes += request.Envelope.Length;
        Append(pending);
    }

    /// <summary>Takes the request with the id out: it was executed, or never will be.</summary>
    public void Remove(RequestId id)
    {
        if (!_byId.Remove(id, out var pending)) return;
        Unlink(pending);
        var client = pending.Client;
        client.Done++;
        _bytes -= pending.Request.Envelope.Length;
        client.Bytes -= pending.Request.Envelope.Length;
        var ofSession = client.Sessions[id.Session] - 1;
        if (ofSession == 0) client.Sessions.Remove(id.Session);
        else client.Sessions[id.Session] = ofSession;
        if (--client.Count > 0) return;
        _byClient.Remove(id.Client);
        _unserved.Remove(client.Place);
    }

    /// <summary>A batch was proposed.</summary>
    public void CountProposal() => _proposals++;

    /// <summary>A request of the client was proposed: it had its turn, and waits for the next.</summary>
    public void Serve(ClientId id, Instant now)
    {
        if (!_byClient.TryGetValue(id, out var client)) return;
        client.ServedAt = client.WaitsSince = now;
        client.ProposalsBefore = _proposals;
        _unserved.Remove(client.Place);
        _unserved.AddLast(client.Place);
    }

    /// <summary>The next request whose timer has expired; null when there is none. <see cref="StartAgain"/> or <see cref="Remove"/> comes next.</summary>
    public PendingRequest? FindExpired(Instant now) => _isPaused || _first is not { } pending || pending.Due > now ? null : pending;

    /// <summary>Starts a timer again that has expired.</summary>
    public void StartAgain(PendingRequest pending, Instant now)
    {
        Unlink(pending);
        pending.Expiries++;
        pending.Started = now;
        pending.DoneAtStart = pending.Client.Done;
        pending.Due = now.Plus(_timeout);
        Append(pending);
    }

    /// <summary>No view is active: nobody can be blamed for what waits.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>A view begins: all timers start afresh, at <paramref name="timeout"/> (VC-6).</summary>
    public void Restart(Instant now, TimeSpan timeout, long idle)
    {
        _isPaused = false;
        _timeout = timeout;
        for (var pending = _first; pending is not null; pending = pending.Later)
        {
            pending.Since = pending.Started = now;
            pending.Due = now.Plus(timeout);
            pending.Expiries = 0;
            pending.IdleBefore = idle;
            pending.DoneAtStart = pending.Client.Done;
        }

        foreach (var client in _unserved) (client.WaitsSince, client.ProposalsBefore) = (now, _proposals);
    }

    /// <summary>The view works: no timer runs longer than <paramref name="timeout"/> from here on.</summary>
    public void Relax(Instant now, TimeSpan timeout)
    {
        if (_timeout <= timeout) return;
        _timeout = timeout;
        var latest = now.Plus(_timeout);
        for (var pending = _first; pending is not null; pending = pending.Later)
        {
            if (pending.Due > latest) pending.Due = latest;
        }
    }

    /// <summary>Adds the requests that wait, in the order in which their timers were started, <paramref name="most"/> at most.</summary>
    public void CopyTo(List<Request> requests, int most)
    {
        for (var pending = _first; pending is not null && requests.Count < most; pending = pending.Later) requests.Add(pending.Request);
    }

    private void Append(PendingRequest pending)
    {
        pending.Earlier = _last;
        pending.Later = null;
        if (_last is null) _first = pending;
        else _last.Later = pending;
        _last = pending;
    }

    private void Unlink(PendingRequest pending)
    {
        if (pending.Earlier is null) _first = pending.Later;
        else pending.Earlier.Later = pending.Later;
        if (pending.Later is null) _last = pending.Earlier;
        else pending.Later.Earlier = pending.Earlier;
        pending.Earlier = pending.Later = null;
    }
}
