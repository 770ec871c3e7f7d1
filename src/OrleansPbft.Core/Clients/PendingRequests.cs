namespace OrleansPbft.Core;

/// <summary>A request that waits to be executed, and its timer.</summary>
internal sealed class PendingRequest(Request request, Instant arrived, Instant due)
{
    public Request Request { get; } = request;

    public Instant Arrived { get; } = arrived;

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
    private long _bytes;
    private PendingRequest? _first;
    private PendingRequest? _last;

    public int Count => _byId.Count;

    /// <summary>When the next timer expires.</summary>
    public Instant NextDue => _first?.Due ?? Instant.Never;

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
        var pending = new PendingRequest(request, now, now.Plus(options.RequestTimeout));
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
        if (_first is not { } pending || pending.Due > now) return null;
        Unlink(pending);
        pending.Due = now.Plus(options.RequestTimeout);
        Append(pending);
        return pending;
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
