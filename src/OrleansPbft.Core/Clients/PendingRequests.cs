namespace OrleansPbft.Core;

/// <summary>A request that waits to be executed, and its timer.</summary>
internal sealed class PendingRequest(Request request, Instant arrived, Instant due)
{
    public Request Request { get; } = request;

    public Instant Arrived { get; } = arrived;

    /// <summary>Since when it has waited in the current view.</summary>
    public Instant Since { get; set; } = arrived;

    /// <summary>When its timer expires.</summary>
    public Instant Due { get; set; } = due;

    public PendingRequest? Earlier { get; set; }

    public PendingRequest? Later { get; set; }
}

/// <summary>The requests a replica has seen and not executed, each with its own timer; bounded, and shared fairly (rules C-5, C-6).</summary>
/// <remarks>All timers run equally long, so the order in which they were started is the order in which they expire.</remarks>
internal sealed class PendingRequests(ProtocolOptions options)
{
    private readonly Dictionary<RequestId, PendingRequest> _byId = [];
    private readonly Dictionary<ClientId, int> _byClient = [];
    private TimeSpan _timeout = options.RequestTimeout;
    private bool _isPaused;
    private long _bytes;
    private PendingRequest? _first;
    private PendingRequest? _last;

    public int Count => _byId.Count;

    /// <summary>When the next timer expires.</summary>
    public Instant NextDue => _isPaused || _first is null ? Instant.Never : _first.Due;

    /// <summary>Since when the one whose timer was started first has waited; <see cref="Instant.Never"/> when none waits, or no timer runs.</summary>
    public Instant OldestSince => _isPaused || _first is null ? Instant.Never : _first.Since;

    public bool Contains(RequestId id) => _byId.ContainsKey(id);

    /// <summary>Whether there is room for one more of <paramref name="client"/>'s requests.</summary>
    /// <remarks>The first half of the room is first come, first served; of the rest no client gets more than an equal share.</remarks>
    public bool Admits(ClientId client, int bytes)
    {
        if (_byId.Count >= options.PendingMax || _bytes + bytes > options.PendingBytesMax) return false;
        if (_byId.Count < options.PendingMax / 2 && _bytes < options.PendingBytesMax / 2) return true;

        var mine = _byClient.GetValueOrDefault(client);
        var clients = mine == 0 ? _byClient.Count + 1 : _byClient.Count;
        return mine < Math.Max(1, options.PendingMax / 2 / clients);
    }

    public void Add(Request request, Instant now)
    {
        var pending = new PendingRequest(request, now, now.Plus(_timeout));
        _byId.Add(request.Id, pending);
        _byClient[request.Id.Client] = _byClient.GetValueOrDefault(request.Id.Client) + 1;
        _bytes += request.Envelope.Length;
        Append(pending);
    }

    /// <summary>Takes the request with the id out: it was executed, or never will be.</summary>
    public void Remove(RequestId id)
    {
        if (!_byId.Remove(id, out var pending)) return;
        var rest = _byClient[id.Client] - 1;
        if (rest == 0) _byClient.Remove(id.Client);
        else _byClient[id.Client] = rest;
        _bytes -= pending.Request.Envelope.Length;
        Unlink(pending);
    }

    /// <summary>The next request whose timer has expired, its timer started again; null when there is none.</summary>
    public PendingRequest? TakeExpired(Instant now)
    {
        if (_isPaused || _first is not { } pending || pending.Due > now) return null;
        Unlink(pending);
        pending.Due = now.Plus(_timeout);
        Append(pending);
        return pending;
    }

    /// <summary>No view is active: nobody can be blamed for what waits.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>A view begins: all timers start afresh, at <paramref name="timeout"/> (VC-6).</summary>
    public void Restart(Instant now, TimeSpan timeout)
    {
        _isPaused = false;
        _timeout = timeout;
        for (var pending = _first; pending is not null; pending = pending.Later)
        {
            pending.Since = now;
            pending.Due = now.Plus(timeout);
        }
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
