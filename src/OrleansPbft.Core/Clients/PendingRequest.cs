namespace OrleansPbft.Core;

/// <summary>A request that waits to be executed, and its timer.</summary>
internal sealed class PendingRequest(Request request, PendingClient client, Instant arrived, Instant due)
{
    public Request Request { get; } = request;

    /// <summary>Its client, with all that waits of it.</summary>
    public PendingClient Client { get; } = client;

    public Instant Arrived { get; } = arrived;

    /// <summary>Since when it has waited in the current view.</summary>
    public Instant Since { get; set; } = arrived;

    /// <summary>When its timer was started.</summary>
    public Instant Started { get; set; } = arrived;

    /// <summary>When its timer expires.</summary>
    public Instant Due { get; set; } = due;

    /// <summary>How often its timer has expired in the current view.</summary>
    public int Expiries { get; set; }

    /// <summary>How long the primary had been idle, in microseconds, when it began to wait in the current view.</summary>
    public long IdleBefore { get; set; }

    /// <summary>How many requests of its client waited here before it.</summary>
    public required int Ahead { get; init; }

    /// <summary>How many of its client's were done with here when it began to wait.</summary>
    public required long DoneBefore { get; init; }

    /// <summary>How many were when its timer was started.</summary>
    public required long DoneAtStart { get; set; }

    /// <summary>Whether so many as waited here before it were done with when its timer was started.</summary>
    public bool WasNext => DoneAtStart - DoneBefore >= Ahead;

    public PendingRequest? Earlier { get; set; }

    public PendingRequest? Later { get; set; }
}

/// <summary>All that waits of one client.</summary>
internal sealed class PendingClient
{
    public PendingClient() => Place = new(this);

    public int Count { get; set; }

    public long Bytes { get; set; }

    /// <summary>How many wait of each session.</summary>
    public Dictionary<SessionId, int> Sessions { get; } = [];

    /// <summary>Since when it waits for its turn: for its first request that waits, or, later, since one of it was proposed.</summary>
    public Instant WaitsSince { get; set; }

    /// <summary>How many batches had been proposed by then.</summary>
    public long ProposalsBefore { get; set; }

    /// <summary>When one of its requests was proposed last; before all times where none was since something of it waits.</summary>
    public Instant ServedAt { get; set; } = new(long.MinValue);

    /// <summary>How many of its requests waited here and were done with, since something of it waits.</summary>
    public long Done { get; set; }

    /// <summary>Its place among the clients, in the order of <see cref="WaitsSince"/>.</summary>
    public LinkedListNode<PendingClient> Place { get; }
}
