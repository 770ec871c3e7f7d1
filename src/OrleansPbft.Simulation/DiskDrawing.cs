using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation;

/// <summary>Draws what journals and their disks add to a plan.</summary>
internal sealed class DiskDrawing
{
    private readonly Prng _conditions;
    private readonly Prng _damage;
    private readonly Prng _crashes;

    public DiskDrawing(Prng random)
    {
        _conditions = random.Fork();
        _damage = random.Fork();
        _crashes = random.Fork();
    }

    /// <summary>Small segments, so that there are many; snapshots often and seldom, at once and over many flushes.</summary>
    public DiskConditions DrawConditions() => new()
    {
        SegmentBytes = _conditions.Pick(8 << 10, 8 << 10, 16 << 10, 64 << 10),
        SnapshotLogBytesMin = _conditions.Pick(0, 0, 4 << 10, 40 << 10),
        SnapshotStepBytes = _conditions.Pick(300, 2000, 1 << 20),
    };

    /// <summary>In some runs a replica's disk is damaged: one more that is faulty, or instead of another.</summary>
    public void DrawDamage(SortedDictionary<ReplicaId, FaultKind> faults, ClusterSize cluster)
    {
        var isWanted = _damage.Chance(300);
        var replica = new ReplicaId(_damage.Between(0, cluster.Replicas - 1));
        if (!isWanted || cluster.MaxFaulty == 0) return;
        if (faults.Count < cluster.MaxFaulty || faults.ContainsKey(replica)) faults[replica] = FaultKind.DamagedDisk;
        else faults[faults.First().Key] = FaultKind.DamagedDisk;
    }

    /// <summary>One, some or all lose their power while a disk is at work.</summary>
    public IEnumerable<Happening> DrawCrashes(ClusterSize cluster, TimeSpan safetyPhase)
    {
        var every = Math.Max(1, (int)(safetyPhase.TotalSeconds / 3));
        for (var i = _crashes.Pick(1, 2, 4, 8) * every; i > 0; i--)
        {
            var some = ReplicaSet.Empty;
            for (var k = _crashes.Between(0, cluster.Replicas - 1); k > 0; k--) some = some.With(new(_crashes.Between(0, cluster.Replicas - 1)));
            yield return new PowerLost(
                _crashes.Between(TimeSpan.Zero, safetyPhase),
                _crashes.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(_crashes.Pick(200, 1500))),
                new(_crashes.Between(0, cluster.Replicas - 1)),
                _crashes.Pick(ReplicaSet.Empty, ReplicaSet.Empty, some, cluster.All),
                _crashes.Between(0, _crashes.Pick(12, 60)),
                _crashes.Chance(500),
                _crashes.Pick<CrashOutcome>(CrashOutcome.Torn, CrashOutcome.Torn, CrashOutcome.Lost, CrashOutcome.Kept, CrashOutcome.NamesOnly, CrashOutcome.Killed),
                _crashes.Chance(300) ? _crashes.Between(0, 12) : null);
        }
    }
}
