namespace OrleansPbft.Core;

/// <summary>Requests that wait to be ordered: clients take turns, so that none is starved by another's many (rule C-6).</summary>
/// <remarks>Bounded by its replica, which hands over only what it admitted.</remarks>
internal sealed class RequestQueue
{
    private readonly Dictionary<ClientId, Queue<Queued>> _byClient = [];
    private readonly Queue<ClientId> _turns = [];
    private readonly LinkedList<Queued> _byArrival = new();

    public int Count => _byArrival.Count;

    /// <summary>The bytes they take in a batch.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the request that waits longest arrived, whoever's turn is next (rule N-7).</summary>
    public Instant OldestArrival => _byArrival.First?.Value.Arrived ?? Instant.Never;

    public void Add(Request request, Instant now)
    {
        if (!_byClient.TryGetValue(request.Id.Client, out var queue))
        {
            _byClient.Add(request.Id.Client, queue = new());
            _turns.Enqueue(request.Id.Client);
        }

        var queued = new Queued(request, now);
        queue.Enqueue(queued);
        _byArrival.AddLast(queued.Place);
        Bytes += BatchEncoding.RequestHeaderBytes + request.Envelope.Length;
    }

    /// <summary>The request whose turn it is; null when none waits.</summary>
    public Request? Peek() => _turns.TryPeek(out var client) ? _byClient[client].Peek().Request : null;

    /// <summary>Takes the request whose turn it is.</summary>
    public Request Take()
    {
        var client = _turns.Dequeue();
        var queue = _byClient[client];
        var queued = queue.Dequeue();
        if (queue.Count > 0) _turns.Enqueue(client);
        else _byClient.Remove(client);

        _byArrival.Remove(queued.Place);
        Bytes -= BatchEncoding.RequestHeaderBytes + queued.Request.Envelope.Length;
        return queued.Request;
    }

    public void Clear()
    {
        _byClient.Clear();
        _turns.Clear();
        _byArrival.Clear();
        Bytes = 0;
    }

    private sealed class Queued
    {
        public Queued(Request request, Instant arrived)
        {
            Request = request;
            Arrived = arrived;
            Place = new(this);
        }

        public Request Request { get; }

        public Instant Arrived { get; }

        public LinkedListNode<Queued> Place { get; }
    }
}
