namespace OrleansPbft.Core;

/// <summary>How a replica is doing, in one word for people.</summary>
public enum ReplicaCondition
{
    /// <summary>It takes part.</summary>
    Normal = 0,

    /// <summary>Its peers dropped log it still needs: it fetches their state, and goes on voting meanwhile.</summary>
    Behind,

    /// <summary>Its state differs from what q replicas certified; it neither votes nor replies until it is repaired (rule K-3).</summary>
    Diverged,

    /// <summary>It has left the view before and waits for the NEW-VIEW of the one it names.</summary>
    ViewChanging,

    /// <summary>It began without its journal, and does not know what it may have said: it follows, and is silent (rule D-5).</summary>
    Learner,
}

/// <summary>Where one replica stands, for status pages. Nothing in the protocol depends on it.</summary>
/// <param name="Id">i.</param>
/// <param name="Condition">How it is doing.</param>
/// <param name="View">v.</param>
/// <param name="Primary">The primary of v.</param>
/// <param name="LastExecuted">The last sequence number executed.</param>
/// <param name="StableCheckpoint">h.</param>
/// <param name="StateDigest">The digest of its replicated state after <paramref name="LastExecuted"/>.</param>
/// <param name="Pending">Requests that wait to be executed.</param>
/// <param name="InFlight">Sequence numbers proposed or voted on and not yet executed.</param>
/// <param name="Sessions">Open sessions.</param>
/// <param name="Evidence">How many contradictions of peers it has kept evidence of.</param>
/// <param name="SilentUpTo">As a learner: the sequence number beyond which it takes part again (rule D-5). Null until it knows, and for all others.</param>
public sealed record ReplicaSnapshot(
    ReplicaId Id,
    ReplicaCondition Condition,
    View View,
    ReplicaId Primary,
    SequenceNumber LastExecuted,
    SequenceNumber StableCheckpoint,
    Digest StateDigest,
    int Pending,
    int InFlight,
    int Sessions,
    int Evidence,
    SequenceNumber? SilentUpTo = null);
