namespace OrleansPbft.Simulation;

/// <summary>What is wrong with a replica. At most f replicas of a run have one.</summary>
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

    /// <summary>It votes for one digest towards some peers and for another towards others, and to some for both.</summary>
    ConflictingVotes,

    /// <summary>It gives clients wrong results.</summary>
    WrongReplies,

    /// <summary>It gives its state a wrong digest in its CHECKPOINTs, sometimes two.</summary>
    WrongCheckpoints,

    /// <summary>It sends old messages, its own and those of others, again.</summary>
    Replay,

    /// <summary>It proposes, as if it were the primary.</summary>
    ProposeAsBackup,

    /// <summary>It sends votes in the names of others. Only where envelopes are truly signed.</summary>
    Forge,

    /// <summary>The primary orders requests again that it has long executed. The one fault it may have before there is a view change.</summary>
    OrderTwice,
}
