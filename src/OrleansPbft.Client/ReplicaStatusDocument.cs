namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/replicas/{id}</c>: where one replica stands, by its own account.</summary>
public sealed record ReplicaStatusDocument
{
    /// <summary>i.</summary>
    public required int Id { get; init; }

    /// <summary>Normal, ViewChanging, Behind, Diverged, Learner, OutOfSpace, Halted, or Silent: it did not answer in time, and the rest is unknown.</summary>
    public required string State { get; init; }

    /// <summary>v.</summary>
    public required long View { get; init; }

    /// <summary>The last sequence number executed.</summary>
    public required long LastExecuted { get; init; }

    /// <summary>h: the last stable checkpoint.</summary>
    public required long StableCheckpoint { get; init; }

    /// <summary>The digest of its state after <see cref="LastExecuted"/>, 64 hexadecimal digits; empty where it is not known.</summary>
    public required string StateDigest { get; init; }

    /// <summary>Requests that wait to be executed.</summary>
    public required int Pending { get; init; }

    /// <summary>Sequence numbers proposed or voted on and not yet executed.</summary>
    public required int InFlight { get; init; }

    /// <summary>Open sessions.</summary>
    public int Sessions { get; init; }

    /// <summary>How many requests were refused as too much was waiting (rule C-6).</summary>
    public long RefusedBusy { get; init; }

    /// <summary>How many envelopes were dropped before the protocol saw them, by reason.</summary>
    public IReadOnlyDictionary<string, long> Rejected { get; init; } = new Dictionary<string, long>();

    /// <summary>How many inputs the protocol ignored, by reason.</summary>
    public IReadOnlyDictionary<string, long> Ignored { get; init; } = new Dictionary<string, long>();

    /// <summary>How often it caught a peer at what no correct replica does.</summary>
    public long Accusations { get; init; }

    /// <summary>The newest of these, as sentences.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Why it stopped: for good where the state is Halted, until its journal has room where it is OutOfSpace. Null while it works.</summary>
    public string? HaltedBecause { get; init; }

    /// <summary>What it is made to do wrong on purpose, as <c>lie</c>; null while it is not.</summary>
    public string? Fault { get; init; }

    /// <summary>Where the state is Learner: the sequence number beyond which it takes part again (rule D-5); null until it knows, and for all others.</summary>
    public long? SilentUpTo { get; init; }
}
