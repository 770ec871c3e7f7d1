using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation;

/// <summary>Everything a run is made of, drawn from its seed: cluster, options, network, faults, clients. The same seed, the same plan.</summary>
public sealed class SimulationPlan
{
    // K in half of the runs: no checkpoint is taken, nothing is dropped, and whoever fell behind can always catch up.
    private const int IntervalNeverReached = 512;

    private SimulationPlan(ulong seed, ProtocolOptions options)
    {
        Seed = seed;
        Options = options;
    }

    /// <summary>What everything is drawn from.</summary>
    public ulong Seed { get; }

    /// <summary>The cluster's options.</summary>
    public ProtocolOptions Options { get; }

    /// <summary>Whether envelopes are truly signed, and damaged ones thereby noticed. Few runs are: a signature costs a hundred steps.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>How many clients there are.</summary>
    public int Clients { get; private init; }

    /// <summary>How many requests each client makes while the network is bad.</summary>
    public int RequestsPerClient { get; private init; }

    /// <summary>How many more each makes once it has healed: traffic that shows laggards what they lack.</summary>
    public int RequestsAfterHealing { get; private init; }

    /// <summary>How many requests a client has in flight at most.</summary>
    public int InFlightMax { get; private init; }

    /// <summary>How many operations a request bundles at most.</summary>
    public int OperationsPerRequestMax { get; private init; }

    /// <summary>How long a written value is at most, in bytes.</summary>
    public int ValueBytesMax { get; private init; }

    /// <summary>How long the network is bad, at most.</summary>
    public TimeSpan SafetyPhase { get; private init; }

    /// <summary>Whether state digests are compared after every batch; otherwise only at checkpoints and at the end.</summary>
    public bool ComparesEveryState { get; private init; }

    /// <summary>What is wrong with each replica that has something wrong with it.</summary>
    public IReadOnlyDictionary<ReplicaId, FaultKind> Faults { get; private init; } = new Dictionary<ReplicaId, FaultKind>();

    /// <summary>When faults begin, from the start.</summary>
    public TimeSpan FaultsBegin { get; private init; }

    /// <summary>When partitions begin, from the start, how long they last, and whom they cut off.</summary>
    public IReadOnlyList<(TimeSpan At, TimeSpan For, ReplicaSet CutOff)> Partitions { get; private init; } = [];

    internal NetworkConditions Conditions { get; private init; } = NetworkConditions.Good;

    internal ClientSessionOptions ClientOptions { get; private init; } = new() { Cluster = new(1) };

    internal IReadOnlyList<LoopOptions> Loops { get; private init; } = [];

    /// <summary>Draws the plan of a seed.</summary>
    public static SimulationPlan Draw(ulong seed)
    {
        var random = new Prng(seed);
        var cluster = new ClusterSize(random.Pick(1, 4, 4, 4, 4, 5, 6, 7, 7, 10));
        var isSigned = random.Chance(60);
        var clients = random.Between(1, isSigned ? 3 : 6);
        var options = DrawOptions(random, cluster, clients);
        var faults = DrawFaults(random, cluster, isSigned);
        var safetyPhase = random.Between(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(3));
        return new(seed, options)
        {
            IsSigned = isSigned,
            Clients = clients,
            RequestsPerClient = random.Between(10, isSigned ? 15 : 40),
            RequestsAfterHealing = random.Between(3, 8),
            InFlightMax = random.Between(1, options.SessionWindow),
            OperationsPerRequestMax = random.Between(1, 3),
            ValueBytesMax = random.Pick(0, 10, 200),
            SafetyPhase = safetyPhase,
            ComparesEveryState = random.Chance(500),
            Faults = faults,
            FaultsBegin = random.Chance(500) ? TimeSpan.Zero : random.Between(TimeSpan.Zero, safetyPhase / 2),
            Partitions = DrawPartitions(random, options, faults, safetyPhase),
            Conditions = DrawConditions(random, isSigned, options),
            ClientOptions = new()
            {
                Cluster = cluster,
                Window = options.SessionWindow,
                RetransmitAfter = random.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1000)),
                RetransmitAfterMax = TimeSpan.FromSeconds(2),
            },
            Loops = DrawLoops(random, cluster, faults),
        };
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {Seed}: {Options.Cluster} K={Options.CheckpointInterval} L={Options.LogWindow} W={Options.SessionWindow}" +
            $" batch {Options.BatchMax} in {Options.BatchDelayMax.TotalMilliseconds} ms, pipeline {Options.Pipeline}, pending {Options.PendingMax}," +
            $" sessions {Options.SessionsMax}, {(IsSigned ? "signed" : "plain")}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {Clients} clients x ({RequestsPerClient} + {RequestsAfterHealing}) requests of up to {OperationsPerRequestMax}" +
            $" operations, {InFlightMax} in flight, values up to {ValueBytesMax} B");
        text.AppendLine(CultureInfo.InvariantCulture, $"  network for {SafetyPhase.TotalMilliseconds} ms: {Conditions}");
        foreach (var (at, span, cutOff) in Partitions)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {cutOff} cut off at {at.TotalMilliseconds} ms for {span.TotalMilliseconds} ms");
        }

        foreach (var (replica, fault) in Faults) text.AppendLine(CultureInfo.InvariantCulture, $"  {replica} {fault} from {FaultsBegin.TotalMilliseconds} ms");
        return text.ToString();
    }

    private static ProtocolOptions DrawOptions(Prng random, ClusterSize cluster, int clients)
    {
        var interval = random.Chance(500) ? IntervalNeverReached : random.Pick(1, 2, 4, 8, 16);
        var window = interval * random.Between(2, 4);
        var requestTimeout = random.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
        var statusInterval = random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));
        var batchDelay = TimeSpan.FromMilliseconds(random.Pick(0, 1, 5));
        return new()
        {
            Cluster = cluster,
            CheckpointInterval = interval,
            LogWindow = window,
            BatchMax = random.Pick(1, 2, 8, 64),
            BatchDelayMax = batchDelay,
            Pipeline = Math.Min(random.Pick(1, 2, 4, 8), window),
            SessionWindow = random.Pick(1, 2, 4, 16),
            SessionsMax = clients > 1 && random.Chance(100) ? clients - 1 : 64,
            PendingMax = random.Chance(200) ? random.Between(2, 8) : 4096,
            BusyRetryAfter = random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50)),
            RequestTimeout = requestTimeout,
            OrderingDelayMax = requestTimeout / random.Pick(1, 2),
            StatusInterval = statusInterval,
            HeartbeatInterval = 4 * statusInterval,
            ViewChangeTimeout = random.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)),
            ViewChangeTimeoutMax = TimeSpan.FromSeconds(8),
        };
    }

    private static NetworkConditions DrawConditions(Prng random, bool isSigned, ProtocolOptions options)
    {
        var delayMin = random.Between(TimeSpan.FromMicroseconds(50), TimeSpan.FromMicroseconds(2000));
        return new()
        {
            DelayMin = delayMin,
            DelayMax = delayMin + random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(random.Pick(0, 1, 20))),
            TailPerMille = random.Pick(0, 0, 5, 30),
            DropPerMille = random.Pick(0, 0, 10, 50, options.CheckpointInterval == IntervalNeverReached ? 150 : 20),
            DuplicatePerMille = random.Pick(0, 20, 150),
            CorruptPerMille = isSigned ? random.Pick(10, 50) : 0,
        };
    }

    private static SortedDictionary<ReplicaId, FaultKind> DrawFaults(Prng random, ClusterSize cluster, bool isSigned)
    {
        var faults = new SortedDictionary<ReplicaId, FaultKind>();
        var count = random.Chance(700) ? cluster.MaxFaulty : random.Between(0, cluster.MaxFaulty);

        if (count > 0 && random.Chance(150)) faults.Add(new(0), FaultKind.OrderTwice);
        while (faults.Count < count)
        {
            var kind = Cluster.Faults.Draw(random, isSigned);
            faults.TryAdd(new(random.Between(0, cluster.Replicas - 1)), kind);
        }

        return faults;
    }

    private static List<(TimeSpan At, TimeSpan For, ReplicaSet CutOff)> DrawPartitions(
        Prng random, ProtocolOptions options, SortedDictionary<ReplicaId, FaultKind> faults, TimeSpan safetyPhase)
    {
        // Where log is dropped, whoever misses it is stranded: then no more than f are faulty or cut off, so that most runs owe liveness.
        var cluster = options.Cluster;
        var candidates = new List<ReplicaId>(faults.Keys);
        var others = options.CheckpointInterval == IntervalNeverReached ? cluster.Replicas : cluster.MaxFaulty - faults.Count;
        for (var i = 0; i < others; i++) candidates.Add(new(random.Between(0, cluster.Replicas - 1)));
        if (candidates.Count == 0) return [];

        var partitions = new List<(TimeSpan, TimeSpan, ReplicaSet)>();
        for (var i = random.Pick(0, 0, 1, 3); i > 0; i--)
        {
            var cutOff = ReplicaSet.Empty;
            for (var k = random.Between(1, Math.Max(1, cluster.MaxFaulty)); k > 0; k--) cutOff = cutOff.With(random.Pick<ReplicaId>([.. candidates]));
            partitions.Add((
                random.Between(TimeSpan.Zero, safetyPhase), random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500)), cutOff));
        }

        return partitions;
    }

    private static LoopOptions[] DrawLoops(Prng random, ClusterSize cluster, SortedDictionary<ReplicaId, FaultKind> faults)
    {
        var loops = new LoopOptions[cluster.Replicas];
        var inputs = random.Pick(1, 8, 64);
        var flush = TimeSpan.FromMicroseconds(random.Pick(0, 50, 5000));
        for (var i = 0; i < loops.Length; i++)
        {
            var fault = faults.GetValueOrDefault(new(i));
            loops[i] = new()
            {
                InputsPerDrain = inputs,
                DrainAfter = TimeSpan.FromMicroseconds(random.Between(1, 100)),
                FlushTime = fault == FaultKind.Slow ? 100 * flush : flush,
                ClockOffset = fault == FaultKind.ClockFarOff
                    ? TimeSpan.FromMinutes(random.Pick(-5, 5))
                    : random.Between(TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2)),
            };
        }

        return loops;
    }
}
