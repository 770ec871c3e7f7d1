using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation;

/// <summary>Draws plans: a swarm, in which each seed has other sizes, rates and faults, so that what hides at one setting shows at another.</summary>
internal static class PlanDrawing
{
    // K in a third of the runs: no checkpoint is taken, nothing is dropped, and whoever fell behind can always catch up.
    private const int IntervalNeverReached = 128;

    // What a proposal's timestamp may be off, by drift alone, at the end of a run; well below TimestampSkewMax.
    private const double DriftSecondsMax = 8;

    private static readonly TimeSpan LongPhase = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LivenessPhase = TimeSpan.FromSeconds(90);

    public static SimulationPlan Draw(ulong seed, PlanChanges changes)
    {
        var random = new Prng(seed);
        var drawnReplicas = random.Pick(1, 4, 4, 4, 4, 5, 6, 7, 7, 10);
        if (changes.Replicas is 2 or 3) throw new ArgumentException($"A cluster of {changes.Replicas} tolerates nothing. Take 1, or 4 and more.");
        var cluster = new ClusterSize(changes.Replicas ?? drawnReplicas);
        if (changes.Byzantine > cluster.Replicas) throw new ArgumentException($"{changes.Byzantine} of {cluster.Replicas} replicas can not be faulty.");

        // Everything is drawn whether or not it is changed, each from a generator of its own: a change moves nothing else.
        var isSigned = random.Chance(60);
        var isSealed = changes.Authentication is not null || isSigned;
        var drawnClients = random.Between(1, isSigned ? 3 : 6);
        var clients = changes.Clients ?? drawnClients;
        var options = DrawOptions(random.Fork(), cluster, clients);
        var drawnFaults = DrawFaults(random.Fork(), cluster, isSealed, changes.Byzantine);
        if (changes is { Authentication: AuthenticationMode.Macs, Byzantine: null }) DrawSpoiler(new(seed ^ 0x2545F4914F6CDD1D), drawnFaults);
        var faults = changes.Faults is null ? drawnFaults : changes.ReadFaults(cluster);
        var rest = random.Fork();
        var drawnPhase = rest.Between(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(3));
        var drawnBundle = rest.Between(1, 3);
        var drawnRequests = rest.Between(10, isSigned ? 15 : 40);
        var drawnAfter = rest.Between(3, 8);
        var drawnLiars = rest.Pick(0, 0, 0, 0, 0, 0, 1, 2);
        var drawnInFlight = rest.Between(1, 16);
        var spreads = rest.Chance(800);
        var reads = rest.Pick(0, 200, 500);
        var safetyPhase = changes.Milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : drawnPhase;
        var bundle = changes.Bundle ?? drawnBundle;
        var kept = changes.Happenings is null ? null : changes.ReadHappenings();
        var happenings = DrawHappenings(random.Fork(), options, clients, safetyPhase);
        var isDurable = changes.IsDurable == true;
        var disks = new DiskDrawing(new(seed ^ 0x9E6C63D0876A9A47)); // of their own: what else a seed draws is the same with journals and without
        if (isDurable && changes.Faults is null && changes.Byzantine is null) disks.DrawDamage(faults, cluster);
        if (isDurable) happenings.AddRange(disks.DrawCrashes(cluster, safetyPhase));
        return new(seed, changes, options with { Authentication = changes.Authentication ?? AuthenticationMode.Signatures })
        {
            IsSigned = isSealed && changes.IsPlain != true,
            Clients = clients,
            FaultyClients = changes.FaultyClients ?? drawnLiars,
            RequestsPerClient = changes.Requests ?? RequestsFor(changes, clients, bundle) ?? drawnRequests,
            RequestsAfterHealing = changes.RequestsAfterHealing ?? drawnAfter,
            ReadsPerMille = changes.ReadsPerMille ?? reads,
            SpreadsRequests = spreads || changes.Milliseconds > LongPhase.TotalMilliseconds,
            InFlightMax = Math.Min(changes.InFlight ?? drawnInFlight, options.SessionWindow),
            OperationsPerRequestMax = bundle,
            ValueBytesMax = rest.Pick(0, 10, 200),
            SafetyPhase = safetyPhase,
            ComparesEveryState = rest.Chance(500),
            Faults = faults,
            FaultsBegin = rest.Chance(500) ? TimeSpan.Zero : rest.Between(TimeSpan.Zero, drawnPhase / 2),
            Happenings = [.. happenings.Select(static (happening, i) => (i, happening)).Where(one => kept is null || kept.Contains(one.i))],
            Conditions = Changed(DrawConditions(random.Fork(), isSealed, options), changes),
            ClientOptions = new()
            {
                Cluster = cluster,
                Window = options.SessionWindow,
                RetransmitAfter = rest.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1000)),
                RetransmitAfterMax = TimeSpan.FromSeconds(2),
            },
            DiskLoss = DiskLoss.Draw(seed, options, faults, drawnPhase, changes.LosesDisk),
            Loops = DrawLoops(random.Fork(), cluster, faults, safetyPhase, changes.HasEqualClocks == true),
            Disks = isDurable ? disks.DrawConditions() : null,
        };
    }

    /// <summary>So many that all clients together ask for the operations wanted, or some each second of a long run; null to leave it as drawn.</summary>
    private static int? RequestsFor(PlanChanges changes, int clients, int bundle)
    {
        if (changes.Operations is { } operations) return Math.Max(1, (int)Math.Ceiling(operations * 2.0 / (1 + bundle) / clients));
        return changes.Milliseconds > LongPhase.TotalMilliseconds ? Math.Min(20_000, changes.Milliseconds.Value / 250) : null;
    }

    private static NetworkConditions Changed(NetworkConditions drawn, PlanChanges changes) => drawn with
    {
        DropPerMille = changes.DropPerMille ?? drawn.DropPerMille,
        DuplicatePerMille = changes.DuplicatePerMille ?? drawn.DuplicatePerMille,
        TailPerMille = changes.TailPerMille ?? drawn.TailPerMille,
        DelayMax = changes.HasSteadyLinks == true ? drawn.DelayMin : drawn.DelayMax,
        CorruptPerMille = changes.IsPlain == true ? 0 : drawn.CorruptPerMille,
    };

    private static ProtocolOptions DrawOptions(Prng random, ClusterSize cluster, int clients)
    {
        var interval = random.Chance(330) ? IntervalNeverReached : random.Pick(1, 2, 4, 8, 16);
        var window = interval * random.Between(2, 4);
        var requestTimeout = random.Between(TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(1200));
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

    private static SortedDictionary<ReplicaId, FaultKind> DrawFaults(Prng random, ClusterSize cluster, bool isSigned, int? byzantine)
    {
        var faults = new SortedDictionary<ReplicaId, FaultKind>();
        if (byzantine is { } wanted)
        {
            while (faults.Count < wanted) faults.TryAdd(new(random.Between(0, cluster.Replicas - 1)), random.Pick(Cluster.Faults.Lies));
            return faults;
        }

        var count = random.Chance(700) ? cluster.MaxFaulty : random.Between(0, cluster.MaxFaulty);

        if (count > 0 && random.Chance(150)) faults.Add(new(0), FaultKind.OrderTwice);
        while (faults.Count < count)
        {
            var kind = Cluster.Faults.Draw(random, isSigned);

            // The primaries of the first views are faulty more often than others: what they do decides more.
            var replica = random.Chance(500) ? random.Between(0, Math.Min(2, cluster.Replicas - 1)) : random.Between(0, cluster.Replicas - 1);
            faults.TryAdd(new(replica), kind);
        }

        return faults;
    }

    /// <summary>In mode Macs a faulty replica may be one that spoils requests: from a generator of its own, so that all else is as it was drawn.</summary>
    private static void DrawSpoiler(Prng random, SortedDictionary<ReplicaId, FaultKind> faults)
    {
        if (faults.Count > 0 && random.Chance(250)) faults[random.Pick<ReplicaId>([.. faults.Keys])] = FaultKind.SpoilRequests;
    }

    private static List<Happening> DrawHappenings(Prng random, ProtocolOptions options, int clients, TimeSpan safetyPhase)
    {
        var cluster = options.Cluster;
        var happenings = new List<Happening>();
        if (cluster.Replicas > 1 && random.Chance(600))
        {
            // Long enough to be noticed, early enough to be in the way: most runs are to change their view.
            var span = random.Between(options.RequestTimeout / 2, 3 * options.RequestTimeout);
            happenings.Add(new PrimaryLost(random.Between(TimeSpan.Zero, safetyPhase / 2), span, GoesDown: random.Chance(300)));
        }

        var every = Math.Max(1, (int)(safetyPhase.TotalSeconds / 3));
        for (var i = random.Pick(0, 1, 1, 3, 5) * every; i > 0; i--)
        {
            var at = random.Between(TimeSpan.Zero, safetyPhase);
            var span = random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(random.Pick(500, 2000)));
            var some = ReplicaSet.Empty;
            for (var k = random.Between(1, Math.Max(1, cluster.MaxFaulty)); k > 0; k--) some = some.With(new(random.Between(0, cluster.Replicas - 1)));
            happenings.Add(random.Between(0, 9) switch
            {
                < 3 => new Partition(at, span, some),
                < 5 => new PrimaryLost(at, span, GoesDown: false),
                < 6 when cluster.Replicas > 1 => new PrimaryLost(at, span, GoesDown: true), // one that is alone has nobody to learn from
                < 7 when cluster.Replicas > 1 => new Outage(at, span, some),
                < 8 when cluster.Replicas > 1 && random.Chance(300) => new Outage(at, span, cluster.All),
                _ => DrawLink(random, at, span, cluster, clients),
            });
        }

        return happenings;
    }

    private static BadLink DrawLink(Prng random, TimeSpan at, TimeSpan span, ClusterSize cluster, int clients)
    {
        var to = random.Between(0, cluster.Replicas - 1);
        var from = (to + random.Between(1, cluster.Replicas + clients - 1)) % (cluster.Replicas + clients);
        MessageKind? kind = random.Chance(500)
            ? null
            : random.Pick(
                MessageKind.PrePrepare,
                MessageKind.Prepare,
                MessageKind.Commit,
                MessageKind.Checkpoint,
                MessageKind.Suspect,
                MessageKind.ViewChange,
                MessageKind.NewView,
                MessageKind.Status);
        TimeSpan? delay = random.Chance(500) ? null : random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(300));
        return new(at, span, from, to, kind, delay);
    }

    private static LoopOptions[] DrawLoops(
        Prng random, ClusterSize cluster, SortedDictionary<ReplicaId, FaultKind> faults, TimeSpan safetyPhase, bool hasEqualClocks)
    {
        var loops = new LoopOptions[cluster.Replicas];
        // A slow disk with a flush for each input would be slower than the time-outs drawn allow for: nothing is owed to a cluster that can not keep up.
        var flush = TimeSpan.FromMicroseconds(random.Pick(0, 50, 5000));
        var inputs = flush > TimeSpan.FromMilliseconds(1) ? random.Pick(16, 64) : random.Pick(1, 8, 64);
        var driftMax = (int)Math.Min(50_000, DriftSecondsMax / (safetyPhase + LivenessPhase).TotalSeconds * 1_000_000);
        var drifts = random.Chance(500);
        for (var i = 0; i < loops.Length; i++)
        {
            var fault = faults.GetValueOrDefault(new(i));
            var offset = random.Between(TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2));
            var drift = random.Between(-driftMax, driftMax);
            var farOff = TimeSpan.FromMinutes(random.Pick(-5, 5));
            loops[i] = new()
            {
                InputsPerDrain = inputs,
                DrainAfter = TimeSpan.FromMicroseconds(random.Between(1, 100)),
                FlushTime = fault == FaultKind.Slow ? 100 * flush : flush,
                ClockOffset = fault == FaultKind.ClockFarOff ? farOff : hasEqualClocks ? TimeSpan.Zero : offset,
                ClockDriftPerMillion = drifts && !hasEqualClocks ? drift : 0,
            };
        }

        return loops;
    }
}
