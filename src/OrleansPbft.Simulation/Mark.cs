namespace OrleansPbft.Simulation;

/// <summary>What a run can come across. A sweep in which one of these never happened has proven nothing about it.</summary>
public enum Mark
{
    /// <summary>A batch was executed by one honest replica.</summary>
    BatchesExecuted,

    /// <summary>It held more than one request.</summary>
    BatchesOfSeveralExecuted,

    /// <summary>An operation was applied by one honest replica.</summary>
    OperationsApplied,

    /// <summary>One honest replica's execution was compared with that of another.</summary>
    ExecutionsCompared,

    /// <summary>One honest replica's state digest was compared with that of another.</summary>
    DigestsCompared,

    /// <summary>A checkpoint became stable at an honest replica.</summary>
    CheckpointsStable,

    /// <summary>A client accepted a result at f + 1 equal replies.</summary>
    ResultsAccepted,

    /// <summary>An accepted result was compared with the model's.</summary>
    ResultsCompared,

    /// <summary>The calls on a set of keys were found to be linearizable.</summary>
    HistoriesLinearized,

    /// <summary>A call found its place in an order that explains all results.</summary>
    CallsLinearized,

    /// <summary>Among the calls on a set of keys was one whose answer nobody learned.</summary>
    OpenCallsConsidered,

    /// <summary>A client opened a session.</summary>
    SessionsOpened,

    /// <summary>A client was told that its session is gone.</summary>
    SessionsLost,

    /// <summary>A client sent a request again, to all replicas.</summary>
    ClientRetransmissions,

    /// <summary>A replica answered a request from its reply cache.</summary>
    AnsweredFromCache,

    /// <summary>A request executed earlier was in a later batch, and was not executed again.</summary>
    OrderedTwiceExecutedOnce,

    /// <summary>A replica refused a request as busy.</summary>
    RefusedBusy,

    /// <summary>A backup passed a request on to the primary.</summary>
    RequestsRelayed,

    /// <summary>A request's timer expired.</summary>
    RequestsOverdue,

    /// <summary>A replica without progress said where it stands.</summary>
    StatusesSent,

    /// <summary>A replica sent a peer again what it lacked.</summary>
    Resent,

    /// <summary>A duplicate vote, proposal or checkpoint was ignored.</summary>
    DuplicatesIgnored,

    /// <summary>A message below the window was ignored.</summary>
    BelowWindowIgnored,

    /// <summary>A vote arrived before the proposal it is for, and was kept.</summary>
    VotesBeforeProposal,

    /// <summary>A replica executed a batch without having prepared it (rule N-4).</summary>
    ExecutedUnprepared,

    /// <summary>The primary waited with requests at hand: the window was full.</summary>
    WindowFull,

    /// <summary>A replica fell so far behind that only a state transfer would help.</summary>
    FellBehind,

    /// <summary>A replica entered a view.</summary>
    ViewsEntered,

    /// <summary>A NEW-VIEW came with choices.</summary>
    ChoicesTaken,

    /// <summary>A replica asked for a batch that was chosen.</summary>
    BatchesFetched,

    /// <summary>A replica fetched a state.</summary>
    TransfersCompleted,

    /// <summary>The network delivered a message.</summary>
    MessagesDelivered,

    /// <summary>The network lost a message.</summary>
    MessagesDropped,

    /// <summary>The network delivered a message more than once.</summary>
    MessagesDuplicated,

    /// <summary>A message overtook an earlier one on the same link.</summary>
    MessagesReordered,

    /// <summary>A message was lost at the border of a partition.</summary>
    MessagesCut,

    /// <summary>The network flipped a bit.</summary>
    MessagesCorrupted,

    /// <summary>An envelope was rejected as its seal did not verify or it made no sense.</summary>
    EnvelopesRejected,

    /// <summary>A faulty replica was caught at a contradiction by a correct one.</summary>
    EvidenceFound,

    /// <summary>A silent replica kept a message to itself.</summary>
    ActedSilent,

    /// <summary>A crashed replica missed a message.</summary>
    ActedCrashed,

    /// <summary>A crash lost effects that had not been made durable.</summary>
    CrashLostUnflushed,

    /// <summary>A slow replica sent a message late.</summary>
    ActedSlow,

    /// <summary>A replica whose clock is far off refused a proposal's timestamp.</summary>
    ActedClockFarOff,

    /// <summary>A replica whose state rotted noticed it and alarmed.</summary>
    ActedCorruptState,

    /// <summary>A liar voted for a wrong digest.</summary>
    ActedWrongVotes,

    /// <summary>A liar sent a wrong CHECKPOINT.</summary>
    ActedWrongCheckpoints,

    /// <summary>A wrong replica sent a client a wrong result, or peers a wrong digest of its state.</summary>
    ActedWrong,

    /// <summary>A liar told a peer or a client a lie of its own.</summary>
    ActedLie,

    /// <summary>A stuck replica said what it had said before.</summary>
    ActedStuck,

    /// <summary>A censor dropped a request.</summary>
    ActedCensor,

    /// <summary>A lossy replica lost what it should send.</summary>
    ActedDrop,

    /// <summary>A liar sent an old message again.</summary>
    ActedReplay,

    /// <summary>A liar proposed although it is a backup.</summary>
    ActedProposeAsBackup,

    /// <summary>A liar sent a message in the name of another.</summary>
    ActedForge,

    /// <summary>A primary proposed different batches to different peers.</summary>
    ActedEquivocate,

    /// <summary>A replica damaged an envelope.</summary>
    ActedCorrupt,

    /// <summary>The primary ordered a request again.</summary>
    ActedOrderTwice,
}
