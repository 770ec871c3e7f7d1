namespace OrleansPbft.Core;

/// <summary>Requests that wait to be ordered: clients take turns, and so do the sessions of each, so that nobody is starved by another's many (rule C-6).</summary>
/// <remarks>
/// A turn is one request. One that is larger than <see cref="TurnBytes"/> leaves its client in debt, and a client in debt lets its turns go by until it
/// has paid: so clients share bytes evenly too (deficit round robin). Bounded by its replica, which hands over only what it admitted.
/// </remarks>
internal sealed class RequestQueue
{
    /// <summary>What a turn is worth. Below it, requests count alike, whatever their size.</summary>
    public const int TurnBytes = 4096;

    private readonly Dictionary<ClientId, Lane> _byClient = [];
    private readonly Queue<Lane> _turns = [];
    private readonly LinkedList<Queued> _byArrival = new();

    public int Count => _byArrival.Count;

    /// <summary>The bytes they take in a batch.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the request that waits longest arrived, whoever's turn is next (rule N-7).</summary>
    public Instant OldestArrival => _byArrival.First?.Value.Arrived ?? Instant.Never;

    public void Add(Request request, Instant now)
    {
        if (!_byClient.TryGetValue(request.Id.Client, out var lane))
        {
            _byClient.Add(request.Id.Client, lane = new(request.Id.Client));
            _turns.Enqueue(lane);
        }

        var queued = new Queued(request, now);
        lane.Add(queued);
        _byArrival.AddLast(queued.Place);
        Bytes += BytesOf(request);
    }

    /// <summary>The request whose turn it is; null when none waits.</summary>
    public Request? Peek()
    {
        if (Count == 0)
        {
            Clear(); // debts are owed to others that wait
            return null;
        }

        while (true)
        {
            var lane = _turns.Peek();
            if (lane is { Credit: > 0, IsEmpty: false }) return lane.Peek().Request;
            _turns.Dequeue();
            if (lane.Credit > 0)
            {
                _byClient.Remove(lane.Client);
                continue;
            }

            lane.Credit += TurnBytes;
            _turns.Enqueue(lane);
        }
    }

    /// <summary>Takes the request whose turn it is.</summary>
    /// <exception cref="InvalidOperationException">None waits.</exception>
    public Request Take()
    {
        if (Peek() is null) throw new InvalidOperationException("No request waits.");
        var lane = _turns.Dequeue();
        var queued = lane.Take();
        lane.Credit -= Math.Max(0, BytesOf(queued.Request) - TurnBytes);
        if (lane.IsEmpty && lane.Credit > 0) _byClient.Remove(lane.Client);
        else _turns.Enqueue(lane);

        _byArrival.Remove(queued.Place);
        Bytes -= BytesOf(queued.Request);
        return queued.Request;
    }

    public void Clear()
    {
        _byClient.Clear();
        _turns.Clear();
        _byArrival.Clear();
        Bytes = 0;
    }

    private static int BytesOf(Request request) => BatchEncoding.RequestHeaderBytes + request.Envelope.Length;

    /// <summary>What waits of one client: a queue for each session, which take turns.</summary>
    private sealed class Lane(ClientId client)
    {
        private readonly Dictionary<SessionId, Queue<Queued>> _bySession = [];
        private readonly Queue<SessionId> _turns = [];

        public ClientId Client => client;

        /// <summary>Above 0 where it is not in debt.</summary>
        public int Credit { get; set; } = 1;

        public bool IsEmpty => _turns.Count == 0;

        public void Add(Queued queued)
        {
            var session = queued.Request.Id.Session;
            if (!_bySession.TryGetValue(session, out var queue))
            {
                _bySession.Add(session, queue = new());
                _turns.Enqueue(session);
            }

            queue.Enqueue(queued);
        }

        public Queued Peek() => _bySession[_turns.Peek()].Peek();

        public Queued Take()
        {
            var session = _turns.Dequeue();
            var queue = _bySession[session];
            var queued = queue.Dequeue();
            if (queue.Count > 0) _turns.Enqueue(session);
            else _bySession.Remove(session);
            return queued;
        }
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
