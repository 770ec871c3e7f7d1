using System.Collections.Immutable;

namespace OrleansPbft.Grains;

/// <summary>Where one replica stands, for people. Nothing in the protocol depends on it.</summary>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.ReplicaStatus")]
public sealed record ReplicaStatus
{
    /// <summary>What <see cref="State"/> says of a replica that stopped for good, because an invariant of its own was broken.</summary>
    public const string HaltedState = "Halted";

    /// <summary>What <see cref="State"/> says of a replica that can make no vote durable, and so is silent, until there is room.</summary>
    public const string OutOfSpaceState = "OutOfSpace";

    /// <summary>How many of the newest accusations are kept.</summary>
    public const int EvidenceMax = 16;

    /// <summary>i.</summary>
    [Id(0)]
    public required int Id { get; init; }

    /// <summary>How it is doing: Normal, Behind, Diverged, Learner (<see cref="Core.ReplicaCondition"/>), <see cref="OutOfSpaceState"/> or <see cref="HaltedState"/>.</summary>
    [Id(1)]
    public required string State { get; init; }

    /// <summary>v.</summary>
    [Id(2)]
    public required long View { get; init; }

    /// <summary>The primary of v.</summary>
    [Id(3)]
    public required int Primary { get; init; }

    /// <summary>The last sequence number executed.</summary>
    [Id(4)]
    public required long LastExecuted { get; init; }

    /// <summary>h: the last stable checkpoint.</summary>
    [Id(5)]
    public required long StableCheckpoint { get; init; }

    /// <summary>The digest of its replicated state after <see cref="LastExecuted"/>, 64 hexadecimal digits; empty when it halted.</summary>
    [Id(6)]
    public required string StateDigest { get; init; }

    /// <summary>Requests that wait to be executed.</summary>
    [Id(7)]
    public required int Pending { get; init; }

    /// <summary>Sequence numbers proposed or voted on and not yet executed.</summary>
    [Id(8)]
    public required int InFlight { get; init; }

    /// <summary>Open sessions.</summary>
    [Id(9)]
    public required int Sessions { get; init; }

    /// <summary>How often a peer was caught at what no correct replica does.</summary>
    [Id(10)]
    public required long Accusations { get; init; }

    /// <summary>The newest of them, as sentences; at most <see cref="EvidenceMax"/>.</summary>
    [Id(11)]
    public required ImmutableArray<string> Evidence { get; init; }

    /// <summary>How many envelopes were dropped before the protocol saw them, by reason; reasons with none are left out.</summary>
    [Id(12)]
    public required ImmutableDictionary<string, long> Rejected { get; init; }

    /// <summary>How many inputs the protocol ignored, by reason; reasons with none are left out.</summary>
    [Id(13)]
    public required ImmutableDictionary<string, long> Ignored { get; init; }

    /// <summary>How many requests were refused as too much was waiting (rule C-6).</summary>
    [Id(14)]
    public required long RefusedBusy { get; init; }

    /// <summary>Why it stopped: for good where <see cref="State"/> says Halted, until there is room where it says OutOfSpace. Null while it works.</summary>
    [Id(15)]
    public string? HaltedBecause { get; init; }

    /// <summary>What it is made to do wrong on purpose; null while it is not.</summary>
    [Id(16)]
    public string? Fault { get; init; }

    /// <summary>Where <see cref="State"/> says Learner: the sequence number beyond which it takes part again (rule D-5); null until it knows, and for all others.</summary>
    [Id(17)]
    public long? SilentUpTo { get; init; }
}
