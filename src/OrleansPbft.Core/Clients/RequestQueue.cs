namespace OrleansPbft.Core;

/// <summary>Requests that wait to be ordered: clients take turns, and so do the sessions of each, so that nobody is starved by another's many (rule C-6).</summary>
/// <remarks>
/// A turn is one request. One that is larger than <see cref="TurnBytes"/> leaves its client in debt, and a client in debt lets its turns go by until it
/// has paid: so clients share bytes evenly too (deficit round robin). And a client has no more in flight than its share (<see cref="Share"/>), so that one that
/// floods does not fill every batch beside those that ask little. Bounded by its replica, which hands over only what it admitted.
/// </remarks>
internal sealed class RequestQueue
{
    /// <summary>What a turn is worth. Below it, requests count alike, whatever their size.</summary>
    public const int TurnBytes = 4096;

    /// <summary>What a batch costs by itself, in requests: as much work as so many more in it (ADR 0017 says how it was measured).</summary>
    public const int BatchWorth = 8;

    private readonly Dictionary<ClientId, Lane> _byClient = [];
    private readonly Queue<Lane> _turns = [];
    private readonly List<Lane> _gone = [];

    /// <summary>How many requests wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many requests a client may have in flight, as <see cref="Reckon"/> found it last; no bound before.</summary>
    /// <remarks>
    /// Turns are dealt in rounds, and a client that has nothing to ask for lets its turn pass. That goes on until <see cref="BatchWorth"/> turns were let
    /// pass: they are what a batch costs by itself, which clients share as they share all else. So one client alone has all it asks
    /// for; beside one that asks for one at a time it has nine, and beside nine or more of these one, as they have. Clients that all ask for much have much.
    /// </remarks>
    public int Share { get; private set; } = int.MaxValue;

    /// <summary>How many requests wait that are within their client's share, as <see cref="Reckon"/> found it last.</summary>
    public int Ready { get; private set; }

    /// <summary>The bytes they take in a batch.</summary>
    public long ReadyBytes { get; private set; }

    /// <summary>Since when the one of them waits that has waited longest, of clients that ask for no more than their share: since it arrived, or since it is within it (rule N-7).
    /// <see cref="Instant.Never"/> where there is none.</summary>
    public Instant ReadySince { get; private set; } = Instant.Never;

    public void Add(Request request, Instant now)
    {
        if (!_byClient.TryGetValue(request.Id.Client, out var lane)) _byClient.Add(request.Id.Client, lane = new(request.Id.Client));
        lane.Add(new(request, now));
        Count++;
        if (lane.HasTurn) return;
        lane.HasTurn = true;
        _turns.Enqueue(lane);
    }

    /// <summary>Finds each client's share, and what is ready within it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="areShared">Whether shares bind: else a client may have in flight whatever it asks for.</param>
    public void Reckon(Instant now, bool areShared)
    {
        ForgetWhoIsGone(now);
        Share = areShared && _byClient.Count > 1 ? FindShare() : int.MaxValue;
        (Ready, ReadyBytes, ReadySince) = (0, 0, Instant.Never);
        foreach (var lane in _byClient.Values)
        {
            if (lane.IsEmpty) continue;
            var ready = (int)Math.Clamp((long)Share - lane.InFlight, 0, lane.Count);
            if (ready == 0)
            {
                lane.HeldAt = now;
                continue;
            }

            Ready += ready;
            ReadyBytes += lane.Bytes * ready / lane.Count;
            if (ready < lane.Count) continue; // asks for more than its share: what it has of that goes along with others'
            var since = lane.OldestArrival > lane.HeldAt ? lane.OldestArrival : lane.HeldAt;
            if (since < ReadySince) ReadySince = since;
        }
    }

    /// <summary>The request whose turn it is; null when none waits within its client's share.</summary>
    public Request? Peek()
    {
        if (Count == 0)
        {
            foreach (var lane in _turns) (lane.Credit, lane.HasTurn) = (1, false); // debts are owed to others that wait
            _turns.Clear();
            return null;
        }

        for (var heldBack = 0; heldBack < _turns.Count;)
        {
            var lane = _turns.Peek();
            var isHeldBack = !lane.IsEmpty && lane.InFlight >= Share;
            if (lane is { Credit: > 0, IsEmpty: false } && !isHeldBack) return lane.Peek().Request;
            _turns.Dequeue();
            if (lane is { Credit: > 0, IsEmpty: true })
            {
                lane.HasTurn = false;
                continue;
            }

            heldBack = isHeldBack ? heldBack + 1 : 0;
            if (!isHeldBack) lane.Credit += TurnBytes;
            _turns.Enqueue(lane);
        }

        return null;
    }

    /// <summary>Takes the request whose turn it is; it is in flight until it is <see cref="Finish">finished</see>.</summary>
    /// <exception cref="InvalidOperationException">None waits within its client's share.</exception>
    public Request Take()
    {
        if (Peek() is null) throw new InvalidOperationException("No request waits within its client's share.");
        var lane = _turns.Dequeue();
        var request = lane.Take().Request;
        lane.Credit -= Math.Max(0, BytesOf(request) - TurnBytes);
        lane.HasTurn = !lane.IsEmpty || lane.Credit <= 0;
        if (lane.HasTurn) _turns.Enqueue(lane);
        Count--;
        return request;
    }

    /// <summary>A request that was taken was executed. Its client counts as one of those that share until the given time, whether it asks for more or not.</summary>
    public void Finish(RequestId id, Instant until)
    {
        var lane = _byClient[id.Client]; // kept while anything of it is in flight
        lane.InFlight--;
        if (until > lane.Until) lane.Until = until;
    }

    public void Clear()
    {
        _byClient.Clear();
        _turns.Clear();
        Count = 0;
        (Share, Ready, ReadyBytes, ReadySince) = (int.MaxValue, 0, 0, Instant.Never);
    }

    private void ForgetWhoIsGone(Instant now)
    {
        foreach (var lane in _byClient.Values)
        {
            if (!lane.HasTurn && lane.InFlight == 0 && lane.Until < now) _gone.Add(lane);
        }

        foreach (var lane in _gone) _byClient.Remove(lane.Client);
        _gone.Clear();
    }

    private int FindShare()
    {
        var least = int.MaxValue;
        foreach (var lane in _byClient.Values) least = Math.Min(least, lane.Demand);

        Span<int> asking = stackalloc int[BatchWorth]; // how many clients ask for as much as the one that asks least, for one more, ...
        asking.Clear();
        foreach (var lane in _byClient.Values)
        {
            if (lane.Demand - least < BatchWorth) asking[lane.Demand - least]++;
        }

        // A share of one more than this is let pass by all that ask for no more than this. It never gets above least + BatchWorth.
        var (share, passing, passed) = (least, 0, 0);
        while (share - least < BatchWorth)
        {
            passing += asking[share - least];
            passed += passing;
            if (passed > BatchWorth) break;
            share++;
        }

        return Math.Max(1, share);
    }

    private static int BytesOf(Request request) => BatchEncoding.RequestHeaderBytes + request.Envelope.Length;

    /// <summary>What waits of one client: a queue for each session, which take turns.</summary>
    private sealed class Lane(ClientId client)
    {
        private readonly Dictionary<SessionId, Queue<Queued>> _bySession = [];
        private readonly Queue<SessionId> _turns = [];
        private readonly LinkedList<Queued> _byArrival = new();

        public ClientId Client => client;

        public int Count => _byArrival.Count;

        public bool IsEmpty => Count == 0;

        /// <summary>The bytes that those which wait take in a batch.</summary>
        public long Bytes { get; private set; }

        /// <summary>How many are taken, and not finished.</summary>
        public int InFlight { get; set; }

        /// <summary>How many the client asks for at a time.</summary>
        public int Demand => Count + InFlight;

        /// <summary>Above 0 where it is not in debt.</summary>
        public int Credit { get; set; } = 1;

        /// <summary>Whether it takes turns: something waits, or it is in debt.</summary>
        public bool HasTurn { get; set; }

        /// <summary>Until when it shares, though it asks for nothing.</summary>
        public Instant Until { get; set; } = new(long.MinValue);

        /// <summary>When it last had its share in flight already.</summary>
        public Instant HeldAt { get; set; } = new(long.MinValue);

        public Instant OldestArrival => _byArrival.First!.Value.Arrived;

        public void Add(Queued queued)
        {
            var session = queued.Request.Id.Session;
            if (!_bySession.TryGetValue(session, out var queue))
            {
                _bySession.Add(session, queue = new());
                _turns.Enqueue(session);
            }

            queue.Enqueue(queued);
            _byArrival.AddLast(queued.Place);
            Bytes += BytesOf(queued.Request);
        }

        public Queued Peek() => _bySession[_turns.Peek()].Peek();

        public Queued Take()
        {
            var session = _turns.Dequeue();
            var queue = _bySession[session];
            var queued = queue.Dequeue();
            if (queue.Count > 0) _turns.Enqueue(session);
            else _bySession.Remove(session);
            _byArrival.Remove(queued.Place);
            Bytes -= BytesOf(queued.Request);
            InFlight++;
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
