namespace OrleansPbft.Simulation.Cluster;

/// <summary>What follows from a kind of fault.</summary>
internal static class Faults
{
    private static readonly FaultKind[] OfReplicas =
    [
        FaultKind.Silent, FaultKind.CrashStop, FaultKind.Slow, FaultKind.ClockFarOff, FaultKind.CorruptState, FaultKind.WrongVotes, FaultKind.WrongCheckpoints,
        FaultKind.Wrong, FaultKind.Lie, FaultKind.Stuck, FaultKind.Censor, FaultKind.Drop, FaultKind.Replay, FaultKind.ProposeAsBackup,
        FaultKind.Equivocate, FaultKind.Equivocate, FaultKind.OrderTwice, FaultKind.Twins, FaultKind.WrongNewViews, FaultKind.WrongNewViews,
    ];

    /// <summary>The kinds that hurt most where there are more of them than the cluster tolerates.</summary>
    public static ReadOnlySpan<FaultKind> Lies => [FaultKind.Wrong, FaultKind.Wrong, FaultKind.Lie, FaultKind.Equivocate, FaultKind.WrongCheckpoints];

    /// <summary>Whether all it does execute and sign is still correct: it may be late, absent, refuse or repeat itself, but it tells no lie.</summary>
    public static bool IsHonest(this FaultKind fault) =>
        fault is FaultKind.None or FaultKind.Silent or FaultKind.CrashStop or FaultKind.Slow or FaultKind.ClockFarOff or FaultKind.OrderTwice
            or FaultKind.Censor or FaultKind.Drop or FaultKind.DamagedDisk;

    /// <summary>A fault that a replica can have; forgeries and damage only where seals would give them away.</summary>
    public static FaultKind Draw(Prng random, bool isSigned) =>
        isSigned && random.Chance(500) ? random.Pick(FaultKind.Forge, FaultKind.Corrupt) : random.Pick(OfReplicas);
}
