using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Tests.Durable;

/// <summary>A short run through several checkpoints, snapshots, segments and a view change, in which a disk can crash at any operation.</summary>
internal static class CrashScenario
{
    /// <summary>Four replicas, two clients, K = 2; the first primary is cut off for a while.</summary>
    public static SimulationPlan Plan { get; } = new(seed: 5, PlanChanges.None, new()
    {
        Cluster = new(4),
        CheckpointInterval = 2,
        LogWindow = 4,
        BatchMax = 2,
        BatchDelayMax = TimeSpan.FromMilliseconds(1), // many small batches: many operations of the disk
        Pipeline = 2,
        RequestTimeout = TimeSpan.FromMilliseconds(150),
        OrderingDelayMax = TimeSpan.FromMilliseconds(150),
        StatusInterval = TimeSpan.FromMilliseconds(40),
        HeartbeatInterval = TimeSpan.FromMilliseconds(160),
        ViewChangeTimeout = TimeSpan.FromMilliseconds(150),
        ViewChangeTimeoutMax = TimeSpan.FromSeconds(4),
    })
    {
        Clients = 2,
        RequestsPerClient = 6,
        RequestsAfterHealing = 2,
        InFlightMax = 2,
        OperationsPerRequestMax = 2,
        ValueBytesMax = 100,
        SpreadsRequests = true,
        SafetyPhase = TimeSpan.FromMilliseconds(900),
        ComparesEveryState = true,
        Conditions = new() { DelayMin = TimeSpan.FromMicroseconds(300), DelayMax = TimeSpan.FromMicroseconds(700) },
        ClientOptions = new() { Cluster = new(4), RetransmitAfter = TimeSpan.FromMilliseconds(100), RetransmitAfterMax = TimeSpan.FromMilliseconds(400) },
        Loops = [.. Enumerable.Repeat(new LoopOptions { DrainAfter = TimeSpan.FromMicroseconds(20), FlushTime = TimeSpan.FromMicroseconds(100) }, 4)],
        Disks = new() { SnapshotStepBytes = 3000 },
        Happenings = [(0, new PrimaryLost(TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(400), GoesDown: false))],
    };

    /// <summary>The same, and a disk crashes at one of its operations, counted from the start.</summary>
    public static SimulationPlan WithCrash(
        int replica, ReplicaSet with, long operation, bool isAfter, CrashOutcome outcome, DiskConditions? disks = null, long? again = null) => Plan with
        {
            Disks = disks ?? Plan.Disks,
            Happenings = [.. Plan.Happenings, (1, new PowerLost(TimeSpan.Zero, TimeSpan.FromMilliseconds(60), new(replica), with, operation, isAfter, outcome, again))],
        };
}
