namespace OrleansPbft.Simulation.Cluster;

/// <summary>What follows from a kind of fault.</summary>
internal static class Faults
{
    /// <summary>Whether all it does execute and sign is still correct: it may be late, absent, refuse or repeat itself, but it tells no lie.</summary>
    public static bool IsHonest(this FaultKind fault) =>
        fault is FaultKind.None or FaultKind.Silent or FaultKind.CrashStop or FaultKind.Slow or FaultKind.ClockFarOff or FaultKind.OrderTwice;
}
