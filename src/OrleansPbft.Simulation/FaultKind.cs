namespace OrleansPbft.Simulation;

/// <summary>What is wrong with a replica. At most f replicas of a run have one.</summary>
/// <remarks>Those named as a <see cref="FaultMode"/> are that mode; the others are of the simulator only, which can spoil a replica's disk, clock and state.</remarks>
public enum FaultKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It takes part and keeps everything it should send to itself.</summary>
    Silent,

    /// <summary>At some instant it is gone, with what was not durable.</summary>
    CrashStop,

    /// <summary>Its disk and its links are a hundred times slower.</summary>
    Slow,

    /// <summary>Its clock is minutes off: it finds every proposal's timestamp out of bounds.</summary>
    ClockFarOff,

    /// <summary>Its state rots: it must notice at the next checkpoint, alarm and fall silent (rule K-3).</summary>
    CorruptState,

    /// <summary>It votes for digests that nobody proposed.</summary>
    WrongVotes,

    /// <summary>It gives its state a wrong digest in its CHECKPOINTs, sometimes two.</summary>
    WrongCheckpoints,

    /// <summary>It gives clients invalid and incorrect results, and its peers wrong digests of its state.</summary>
    Wrong,

    /// <summary>It votes for one digest towards some peers and for another towards others, and to some for both; each client gets its own lie.</summary>
    Lie,

    /// <summary>It repeats its first answer, and its first message of each kind, for ever.</summary>
    Stuck,

    /// <summary>It drops the requests of one client.</summary>
    Censor,

    /// <summary>It loses a third of what it sends.</summary>
    Drop,

    /// <summary>It sends old messages, its own and those of others, again.</summary>
    Replay,

    /// <summary>It proposes, as if it were the primary.</summary>
    ProposeAsBackup,

    /// <summary>It sends votes and replies in the names of others. Only where envelopes are truly signed.</summary>
    Forge,

    /// <summary>It damages some of its envelopes. Only where envelopes are truly signed.</summary>
    Corrupt,

    /// <summary>As the primary it proposes different batches to different peers. Of a backup nothing is seen.</summary>
    Equivocate,

    /// <summary>The primary orders requests again that it has long executed.</summary>
    OrderTwice,

    /// <summary>As the primary of a new view it begins it with choices that its VIEW-CHANGEs do not decide.</summary>
    WrongNewViews,

    /// <summary>There are two of it, with one key, a disk each, and different peers (Twins, arXiv 2004.10617): what an orchestrator does that starts it twice.</summary>
    Twins,

    /// <summary>It goes down, and a bit of its journal is another when it is to start again: it must refuse, and say where (rule D-2). Only where journals are kept.</summary>
    DamagedDisk,

    /// <summary>As the primary it proposes requests whose signature it has damaged, with MACs that are good for some and bad for others. Only in mode Macs.</summary>
    SpoilRequests,
}
