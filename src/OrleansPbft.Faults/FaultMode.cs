namespace OrleansPbft.Faults;

/// <summary>How a replica is faulty. Inside it runs the correct machine; only what it takes in and what leaves it is spoiled.</summary>
/// <remarks>No mode touches what a replica tells itself: its own leader's proposals reach it unspoiled and at once.</remarks>
public enum FaultMode : byte
{
    /// <summary>Never a mode.</summary>
    None = 0,

    /// <summary>It takes part and keeps everything it should send to itself.</summary>
    Silent,

    /// <summary>It repeats an old answer for ever: to clients the first result it gave, to peers the first message of each kind.</summary>
    Stuck,

    /// <summary>It gives clients invalid and incorrect results, and its peers wrong digests of its state. Its votes are right.</summary>
    Wrong,

    /// <summary>It tells different lies to different peers and clients: votes and checkpoints for different digests, different histories when
    /// a view changes, sometimes both sides of a contradiction, and different results.</summary>
    Lie,

    /// <summary>As the primary it proposes different batches to different peers at one (v, n). As a backup it has nothing to equivocate with.</summary>
    Equivocate,

    /// <summary>Every message leaves so late that it just comes before the time-out.</summary>
    Slow,

    /// <summary>It drops one client's requests, and so never orders them as the primary and never passes them on as a backup.</summary>
    Censor,

    /// <summary>Beside what it should say it sends votes and replies in the names of others, sealed with its own key: none may be believed.</summary>
    Forge,

    /// <summary>Beside what it should say it sends old messages again, its own and those of others.</summary>
    Replay,

    /// <summary>It damages some of the envelopes it sends.</summary>
    Corrupt,

    /// <summary>It loses a part of what it sends.</summary>
    Drop,

    /// <summary>It neither takes nor sends anything. In truth it is paused: healed, it goes on where it stopped.</summary>
    Crash,
}
