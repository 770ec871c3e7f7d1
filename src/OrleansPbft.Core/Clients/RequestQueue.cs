namespace OrleansPbft.Core;

/// <summary>Requests that wait to be ordered: clients take turns, so that none is starved by another's many (rule C-6).</summary>
/// <remarks>Bounded by its replica, which hands over only what it admitted.</remarks>
internal sealed class RequestQueue
{
    private readonly Dictionary<ClientId, Queue<(Request Request, Instant Arrived)>> _byClient = [];
    private readonly Queue<ClientId> _turns = [];

    public int Count { get; private set; }

    /// <summary>The bytes they take in a batch.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the request whose turn is next arrived; no later than any that waits behind it for the same client.</summary>
    public Instant OldestArrival => _turns.TryPeek(out var client) ? _byClient[client].Peek().Arrived : Instant.Never;

    public void Add(Request request, Instant now)
    {
        if (!_byClient.TryGetValue(request.Id.Client, out var queue))
        {
            _byClient.Add(request.Id.Client, queue = new());
            _turns.Enqueue(request.Id.Client);
        }

        queue.Enqueue((request, now));
        Count++;
        Bytes += BatchEncoding.RequestHeaderBytes + request.Envelope.Length;
    }

    /// <summary>The request whose turn it is; null when none waits.</summary>
    public Request? Peek() => _turns.TryPeek(out var client) ? _byClient[client].Peek().Request : null;

    /// <summary>Takes the request whose turn it is.</summary>
    public Request Take()
    {
        var client = _turns.Dequeue();
        var queue = _byClient[client];
        var request = queue.Dequeue().Request;
        if (queue.Count > 0) _turns.Enqueue(client);
        else _byClient.Remove(client);

        Count--;
        Bytes -= BatchEncoding.RequestHeaderBytes + request.Envelope.Length;
        return request;
    }

    public void Clear()
    {
        _byClient.Clear();
        _turns.Clear();
        Count = 0;
        Bytes = 0;
    }
}
