using OrleansPbft.Core;

namespace OrleansPbft.Simulation;

/// <summary>A replica loses its disk, memory and all, and starts again as a learner (rule D-5). Until it takes part it is one of the f.</summary>
/// <param name="At">When it goes down.</param>
/// <param name="For">How long it is down.</param>
/// <param name="Replica">Who: none that has a fault.</param>
/// <param name="HeldBack">Whose fault begins only once it takes part again, because f others would be faulty beside it; null where fewer are.</param>
internal sealed record DiskLoss(TimeSpan At, TimeSpan For, ReplicaId Replica, ReplicaId? HeldBack)
{
    /// <summary>Draws one; null for most seeds, and where the cluster could not get over it.</summary>
    public static DiskLoss? Draw(ulong seed, ProtocolOptions options, IReadOnlyDictionary<ReplicaId, FaultKind> faults, TimeSpan safetyPhase, bool? wanted)
    {
        var random = new Prng(seed ^ 0xD15C_1055); // of its own: what else is drawn stays as it is
        var isDrawn = random.Chance(300);
        var at = random.Between(TimeSpan.Zero, safetyPhase / 2);
        var span = random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(500));
        var drawn = random.Between(0, options.Cluster.Replicas - 1);
        if (!(wanted ?? isDrawn) || options.CheckpointInterval > IntervalMax || faults.Count > options.Cluster.MaxFaulty || options.Cluster.MaxFaulty == 0) return null;

        ReplicaId? heldBack = null;
        if (faults.Count == options.Cluster.MaxFaulty)
        {
            // A clock or a disk is wrong from the start, or not at all.
            var canWait = faults.Where(static fault => fault.Value is not (FaultKind.Slow or FaultKind.ClockFarOff)).Select(static fault => fault.Key).Order().ToArray();
            if (canWait.Length == 0) return null;
            heldBack = canWait[0];
        }

        while (faults.ContainsKey(new(drawn))) drawn = (drawn + 1) % options.Cluster.Replicas;
        return new(at, span, new(drawn), heldBack);
    }

    // What it must be beyond is up to four of these away, and every one takes that many batches.
    private const int IntervalMax = 8;

    public override string ToString() =>
        $"{Replica} loses its disk at {At.TotalMilliseconds} ms, down for {For.TotalMilliseconds} ms{(HeldBack is { } late ? $"; {late} faulty only when it is back" : "")}";
}
