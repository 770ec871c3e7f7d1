namespace OrleansPbft.Core;

/// <summary>What a machine tells people and instruments of.</summary>
public enum ProtocolEventKind : byte
{
    /// <summary>Not an event.</summary>
    None = 0,

    /// <summary>The leader proposed a batch of <see cref="ProtocolEvent.Amount"/> requests.</summary>
    Proposed,

    /// <summary>A proposal of <see cref="ProtocolEvent.Amount"/> requests was accepted into the log.</summary>
    PrePrepared,

    /// <summary>The slot is prepared.</summary>
    Prepared,

    /// <summary>The slot is committed.</summary>
    Committed,

    /// <summary>The batch of <see cref="ProtocolEvent.Amount"/> requests was executed.</summary>
    Executed,

    /// <summary>The checkpoint at n became stable.</summary>
    CheckpointStable,

    /// <summary>An input was ignored; <see cref="ProtocolEvent.Amount"/> is the <see cref="IgnoreReason"/>.</summary>
    Ignored,

    /// <summary>A request was refused as too much is waiting; <see cref="ProtocolEvent.Amount"/> is how many are.</summary>
    RefusedBusy,

    /// <summary>A request has waited longer than its time-out; <see cref="ProtocolEvent.Amount"/> is its wait in microseconds.</summary>
    RequestOverdue,

    /// <summary>Missing messages were resent to <see cref="ProtocolEvent.About"/>; <see cref="ProtocolEvent.Amount"/> is how many.</summary>
    Resent,

    /// <summary>This replica's log no longer reaches what its peers have dropped, or its state is wrong: it fetches the state at n.</summary>
    TransferStarted,

    /// <summary>The state at n was fetched; <see cref="ProtocolEvent.Amount"/> is how many bytes that took.</summary>
    TransferCompleted,

    /// <summary>The log led to n, or beyond, before its state was fetched: nothing is fetched any more.</summary>
    TransferOvertaken,

    /// <summary>A donor did not answer in time, or not truly, or has the state no more: its chunks are asked of others.</summary>
    DonorDropped,

    /// <summary>This replica's state differs from what q replicas certified (rule K-3).</summary>
    StateDiverged,

    /// <summary>This replica suspects the view; <see cref="ProtocolEvent.Amount"/> is the <see cref="SuspicionCause"/>.</summary>
    Suspected,

    /// <summary>This replica left the view before v; <see cref="ProtocolEvent.Amount"/> is how many views it changed without progress.</summary>
    ViewChangeStarted,

    /// <summary>View v is active here; n is the base checkpoint, <see cref="ProtocolEvent.Amount"/> how many choices it came with.</summary>
    ViewEntered,

    /// <summary>The batch of a choice was asked for.</summary>
    BatchFetched,

    /// <summary>This replica began without its journal, or has not got over it: it follows, and is silent (rule D-5).</summary>
    LearnerJoined,

    /// <summary>The learner knows that it can not have spoken beyond n, or in a view after v: from there on it takes part again.</summary>
    LearnerBounded,

    /// <summary>The learner takes part, beyond n; <see cref="ProtocolEvent.Amount"/> is the <see cref="LifeStage"/>: Original where it never spoke before.</summary>
    TookPart,
}

/// <summary>Why a replica suspects a view (rules VC-1, VC-7, VC-8, VC-10).</summary>
public enum SuspicionCause : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A request waited longer than its time-out.</summary>
    RequestOverdue,

    /// <summary>The oldest request waited while others were ordered.</summary>
    OrderingTooSlow,

    /// <summary>The primary was caught equivocating.</summary>
    Equivocation,

    /// <summary>The new view did not begin, or made no progress, in time.</summary>
    NewViewOverdue,
}

/// <summary>Why an input had no effect. Each reason is counted under its name.</summary>
public enum IgnoreReason : byte
{
    /// <summary>Not ignored.</summary>
    None = 0,

    /// <summary>Another view than the current one.</summary>
    OtherView,

    /// <summary>At or below the stable checkpoint.</summary>
    BelowWindow,

    /// <summary>Beyond what is kept above the window.</summary>
    AboveWindow,

    /// <summary>The same vote, proposal or checkpoint again.</summary>
    Duplicate,

    /// <summary>It names a replica that is not in the cluster.</summary>
    UnknownReplica,

    /// <summary>The sender may not send this kind.</summary>
    WrongSender,

    /// <summary>It contradicts what the same replica said before; evidence was kept.</summary>
    Contradiction,

    /// <summary>The proposed timestamp is too far from this replica's clock.</summary>
    TimestampOutOfBounds,

    /// <summary>A request's shape is outside the configured limits.</summary>
    OutOfLimits,

    /// <summary>The sequence is not a multiple of the checkpoint interval.</summary>
    NotACheckpoint,

    /// <summary>The request waits already.</summary>
    AlreadyPending,

    /// <summary>The sender was answered a moment ago.</summary>
    TooSoon,

    /// <summary>A kind that this role does not take.</summary>
    WrongRole,

    /// <summary>A NEW-VIEW that its VIEW-CHANGEs do not decide; evidence was kept.</summary>
    WrongNewView,

    /// <summary>A batch that nobody asked for, or that is not at hand.</summary>
    NotWanted,

    /// <summary>A proposal with a request that is not its client's, as far as this replica can tell; evidence was kept.</summary>
    DoubtfulRequest,
}

/// <summary>Something that happened, for logs, traces and metrics. Nothing in the protocol depends on one.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="View">v.</param>
/// <param name="Sequence">n, or 0.</param>
/// <param name="Digest">d, or zero.</param>
/// <param name="About">The replica it concerns, where one is.</param>
/// <param name="Amount">As the kind says.</param>
/// <param name="Batch">The batch, with <see cref="ProtocolEventKind.Proposed"/>, PrePrepared and Executed.</param>
public readonly record struct ProtocolEvent(
    ProtocolEventKind Kind, View View, SequenceNumber Sequence, Digest Digest, ReplicaId About, long Amount, Batch? Batch);
