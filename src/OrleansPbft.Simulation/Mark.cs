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

    /// <summary>A client accepted a read that was not ordered (rule C-7).</summary>
    ReadsAccepted,

    /// <summary>A client asked all replicas once more for a read.</summary>
    ReadsAskedAgain,

    /// <summary>A client had a read ordered after all.</summary>
    ReadsOrdered,

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

    /// <summary>A replica suspected a view because a request waited too long.</summary>
    SuspectedForRequest,

    /// <summary>A replica suspected a view because its primary let the oldest request wait while it ordered others.</summary>
    SuspectedForSlowOrder,

    /// <summary>A replica suspected a view because its primary was caught equivocating.</summary>
    SuspectedForEquivocation,

    /// <summary>A replica suspected a view because it did not begin, or made no progress, in time.</summary>
    SuspectedForNewView,

    /// <summary>An honest replica left a view.</summary>
    ViewsLeft,

    /// <summary>An honest replica entered a view.</summary>
    ViewsEntered,

    /// <summary>A run entered a view beyond the first: its primary was deposed.</summary>
    RunsWithViewChange,

    /// <summary>A run came to the third view or a later one.</summary>
    RunsWithSeveralViewChanges,

    /// <summary>A run in which somebody suspected a view that nobody left.</summary>
    RunsWithSuspicionOnly,

    /// <summary>A new view began with choices carried over.</summary>
    ChoicesCarriedOver,

    /// <summary>A null batch was executed.</summary>
    NullBatchesExecuted,

    /// <summary>A replica asked for the batch of a choice.</summary>
    BatchesFetched,

    /// <summary>A NEW-VIEW was refused: its VIEW-CHANGEs do not decide what it says.</summary>
    NewViewsRefused,

    /// <summary>An honest replica fetched a state.</summary>
    TransfersCompleted,

    /// <summary>A replica of a run was brought back by a state transfer.</summary>
    RunsWithTransfer,

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

    /// <summary>A message was lost on a link that is cut in its direction only.</summary>
    MessagesCutOneWay,

    /// <summary>A message was held back on a link of which some kind is late.</summary>
    MessagesHeldBack,

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

    /// <summary>A replica damaged an envelope.</summary>
    ActedCorrupt,

    /// <summary>A primary proposed different batches to different peers.</summary>
    ActedEquivocate,

    /// <summary>A primary began a view with choices that nothing decides.</summary>
    ActedWrongNewViews,

    /// <summary>The primary ordered a request again.</summary>
    ActedOrderTwice,

    /// <summary>A faulty client sent different requests under one number.</summary>
    ClientEquivocated,

    /// <summary>A faulty client sent a request to backups only.</summary>
    ClientAskedBackupsOnly,

    /// <summary>A faulty client sent what no service understands, or what is no envelope.</summary>
    ClientSentGarbage,

    /// <summary>A faulty client sent one request very often.</summary>
    ClientStormed,

    /// <summary>A faulty client sent a request in the session of another, or far from its own window.</summary>
    ClientTrespassed,

    /// <summary>A request of a faulty client was executed all the same.</summary>
    FaultyRequestsExecuted,

    /// <summary>Two live replicas held one key.</summary>
    ActedTwins,

    /// <summary>A replica that had crashed started again from its disk.</summary>
    Restarts,

    /// <summary>It had a snapshot to start from.</summary>
    RestartsFromSnapshot,

    /// <summary>It had entered a view beyond the first.</summary>
    RestartsInLaterView,

    /// <summary>It said again what it had said before the crash, and the same.</summary>
    SaidAgainAfterRestart,

    /// <summary>All replicas were down at once, and came back.</summary>
    AllRestarted,

    /// <summary>The primary of the view was cut off, or went down, on purpose.</summary>
    PrimaryTakenAway,

    /// <summary>A replica lost its disk with all that was on it.</summary>
    DisksLost,

    /// <summary>A learner took part at once: it never spoke before.</summary>
    LearnersNew,

    /// <summary>A learner took part again, beyond what it could have said in a life that it lost.</summary>
    LearnersReturned,

    /// <summary>A replica became faulty when one that had lost its disk was back, so that f are faulty and that one's votes are needed.</summary>
    FaultyAfterReturn,

    /// <summary>A run in which each replica kept a journal. Those that follow are come across in such runs only.</summary>
    DurableRuns,

    /// <summary>A machine lost its power at an operation of its disk.</summary>
    PowerLost,

    /// <summary>It did so while it started again.</summary>
    PowerLostAgain,

    /// <summary>Several machines lost their power at one moment, but not all.</summary>
    PowerLostBySeveral,

    /// <summary>All machines lost their power at one moment.</summary>
    PowerLostByAll,

    /// <summary>A journal ended in a torn tail, which was cut off.</summary>
    TornTailsCut,

    /// <summary>A replica started again from a snapshot's file.</summary>
    SnapshotsRecovered,

    /// <summary>A flipped bit kept a replica from starting, and the error named file and offset.</summary>
    DamageRefused,

    /// <summary>A flipped bit was where nothing is kept, and nothing was lost.</summary>
    DamageHarmless,

    /// <summary>A VIEW-CHANGE was held against a vote that had left before.</summary>
    VotesAccountedFor,

    /// <summary>The same across a crash in between.</summary>
    VotesAccountedForAfterRestart,

    /// <summary>What a correct replica's store holds at the end was compared with the model.</summary>
    FinalStatesCompared,

    /// <summary>A run's envelopes were sealed in mode Macs. This and the rest are come across in such runs only.</summary>
    RunsWithMacs,

    /// <summary>A node said its session key.</summary>
    SessionKeysSaid,

    /// <summary>A MAC was under a session key that its receiver did not know, and was dropped.</summary>
    SessionKeysUnknown,

    /// <summary>Several messages under one MAC reached a replica.</summary>
    PacksOpened,

    /// <summary>A faulty primary proposed requests that it had damaged.</summary>
    ActedSpoilRequests,

    /// <summary>A replica was convinced by neither the MAC nor the signature of a request in a proposal.</summary>
    ProposalsDoubted,

    /// <summary>A faulty client's MACs were good for some replicas and bad for others (LESSONS B47).</summary>
    ClientSpoiledMacs,
}

/// <summary>Which marks there can be.</summary>
internal static class Marks
{
    /// <summary>Whether it is come across in mode Macs only.</summary>
    public static bool IsOfMacs(this Mark mark) => mark is >= Mark.RunsWithMacs and <= Mark.ClientSpoiledMacs;
}
