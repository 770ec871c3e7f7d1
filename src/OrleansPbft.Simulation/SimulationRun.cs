using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Checkers;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;
using OrleansPbft.Simulation.Tracing;

namespace OrleansPbft.Simulation;

/// <summary>One run: a safety phase in which the network does its worst, then a liveness phase in which it is well and everything must complete.</summary>
public sealed class SimulationRun : IDisposable
{
    // Far above what any healthy run takes; a run that needs more is stuck or runs in circles.
    private const long EventsMax = 5_000_000;

    private static readonly TimeSpan LivenessPhase = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(2);

    // What laggards may take to come to the present once all clients are content (rule VC-9): two capped time-outs and some.
    private static readonly TimeSpan SettlingPhase = TimeSpan.FromSeconds(30);

    private readonly SimulationPlan _plan;
    private readonly SimulationReport _report = new();
    private readonly VirtualTime _time = new();
    private readonly RandomLinks _links;
    private readonly CheckedObserver _observer;
    private readonly TraceObserver? _trace;
    private readonly SimulatedCluster _cluster;
    private readonly DiskFaults _disks;
    private readonly SimulatedClient[] _clients;
    private readonly FaultyClient[] _faultyClients;
    private readonly Workload _workload;
    private readonly Prng _random;
    private bool _wasLost; // the disk that the plan says

    private SimulationRun(SimulationPlan plan, Action<string>? trace)
    {
        _plan = plan;
        _random = new Prng(plan.Seed ^ 0x5851F42D4C957F2D);
        _links = new(_random.Fork(), plan.Conditions, plan.Options.Cluster.Replicas + plan.Clients + plan.FaultyClients, _report);
        _observer = new(plan, _time, _report);
        SimulatedWire wire = !plan.IsSigned ? new PlainWire(plan.Options)
            : plan.Options.Authentication == AuthenticationMode.Macs ? new MacWire(plan.Options, _time, _report)
            : new SignedWire(plan.Options);
        if (wire is MacWire) _report.Count(Mark.RunsWithMacs);
        if (trace is not null)
        {
            _trace = new(_time, plan.Options.Cluster.Replicas, trace) { ShowsArrivals = true };
            for (var i = 0; i < plan.Clients + plan.FaultyClients; i++) _trace.Know(wire.ClientOf(i), i);
        }

        var disks = new Prng(plan.Seed ^ 0xA0761D6478BD642F);
        _cluster = new(
            plan.Options,
            _time,
            wire,
            _links,
            plan.Clients + plan.FaultyClients,
            _trace is null ? _observer : new ObserverGroup(_trace, _observer),
            _report,
            static _ => new KeyValueStore(),
            id => plan.Loops[id.Index],
            id => plan.Disks is null ? new SimulatedDisk() : new JournalDisk(wire.Cluster, id, plan.Disks, disks.Fork()))
        {
            HasLives = plan.DiskLoss is not null,
        };
        _disks = new(plan, _cluster, line => _trace?.Note(line));
        _clients = [.. Enumerable.Range(0, plan.Clients).Select(i => new SimulatedClient(_cluster, i, plan.ClientOptions, plan.InFlightMax))];
        _workload = new(_random.Fork(), plan.ValueBytesMax);
        _faultyClients = [.. Enumerable.Range(plan.Clients, plan.FaultyClients).Select(i => new FaultyClient(
            _cluster, i, _clients, new(_random.Fork(), plan.ValueBytesMax), _random.Fork()))];
    }

    /// <summary>Runs the plan of a seed and checks everything.</summary>
    /// <returns>What the run came across.</returns>
    /// <exception cref="SimulationFailedException">A property does not hold; the message says how to run it again.</exception>
    public static SimulationReport Execute(ulong seed) => Execute(SimulationPlan.Draw(seed));

    /// <summary>Runs a plan and checks everything.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="trace">Takes what happens, line by line; null for nobody.</param>
    /// <returns>What the run came across.</returns>
    /// <exception cref="SimulationFailedException">A property does not hold; the message says how to run it again.</exception>
    public static SimulationReport Execute(SimulationPlan plan, Action<string>? trace = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        try
        {
            using var run = new SimulationRun(plan, trace);
            try
            {
                return run.Execute();
            }
            finally
            {
                run._trace?.Flush();
            }
        }
        catch (Exception failure)
        {
            throw Failure(plan, failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cluster.Dispose();

    internal static SimulationFailedException Failure(SimulationPlan plan, Exception cause) => new(
        $"""
        {cause.Message}
        {plan}
        Replay: {plan.Replay}
        """,
        cause);

    private bool IsDone => Array.TrueForAll(_clients, static client => client.IsDone);

    /// <summary>Whether the correct replicas have all done what was agreed, and nothing waits.</summary>
    private bool IsSettled => Correct.All(replica =>
        replica.Machine.LastExecuted.Value == _observer.History.Count && replica.Machine.Pending == 0 && replica.Machine.IsActive);

    private IEnumerable<SimulatedReplica> Correct => _cluster.Replicas.Where(replica => !_plan.Faults.ContainsKey(replica.Id));

    /// <summary>No more than f are faulty: everything must complete.</summary>
    private bool OwesLiveness => _plan.Faults.Count <= _plan.Options.Cluster.MaxFaulty;

    private SimulationReport Execute()
    {
        if (_plan.Disks is not null) _report.Count(Mark.DurableRuns);
        _cluster.Start();
        PlanFaults();
        foreach (var client in _clients) client.Open();
        foreach (var client in _faultyClients) client.Start();
        foreach (var client in _clients) SubmitAll(client);
        RunUntil(VirtualTime.Start.Plus(_plan.SafetyPhase), orUntilDone: false);
        _trace?.Note("-- the network is well from here on");
        _links.Heal();
        _disks.End();
        foreach (var replica in Correct) Restart(replica);

        // More clients than sessions evict each other without end: only so many go on as have room.
        foreach (var client in _clients.Skip(_plan.Options.SessionsMax)) client.Retire();
        foreach (var client in _clients.Take(_plan.Options.SessionsMax))
        {
            for (var i = 0; i < _plan.RequestsAfterHealing; i++) client.Submit(_workload.Draw(_plan.OperationsPerRequestMax));
        }

        var patience = _time.Now.Plus(LivenessPhase);
        while (!IsDone && OwesLiveness && _time.Now < patience) RunUntil(_time.Now.Plus(Afterwards), orUntilDone: true);
        AskUntilReturned(patience);
        foreach (var client in _faultyClients) client.Stop();
        RunUntil(_time.Now.Plus(Afterwards), orUntilDone: false);
        patience = _time.Now.Plus(SettlingPhase);
        while (OwesLiveness && !IsSettled && _time.Now < patience) RunUntil(_time.Now.Plus(Afterwards), orUntilDone: false);
        CheckLiveness();
        if (_plan.Disks is not null) CheckNothingIsLost();
        _observer.CheckHistory();

        _report.Elapsed = _time.Elapsed;
        _report.Events = _time.Events;
        _report.TraceHash = _cluster.Network.TraceHash;
        if (!_plan.IsSigned) _report.TraceHash ^= _cluster.Replicas.Aggregate(0UL, static (hash, replica) => (hash * 31) + replica.Disk.Hash); // real signatures differ
        return _report;
    }

    private void SubmitAll(SimulatedClient client)
    {
        for (var i = 0; i < _plan.RequestsPerClient; i++)
        {
            var isRead = _random.Chance(_plan.ReadsPerMille);
            var operations = isRead ? _workload.DrawRead(_plan.OperationsPerRequestMax) : _workload.Draw(_plan.OperationsPerRequestMax);
            if (_plan.SpreadsRequests) _time.After(_random.Between(TimeSpan.Zero, _plan.SafetyPhase), Ask);
            else Ask();

            void Ask()
            {
                if (isRead) client.Read(operations);
                else client.Submit(operations);
            }
        }
    }

    private void RunUntil(Instant until, bool orUntilDone)
    {
        var eventsMax = EventsMax * Math.Max(1, (long)_plan.SafetyPhase.TotalMinutes);
        while (!(orUntilDone && IsDone) && _time.RunNext(until))
        {
            if (_time.Events > eventsMax) throw new SimulationFailedException($"Liveness: still busy after {eventsMax} events.");
        }
    }

    private void PlanFaults()
    {
        foreach (var (id, kind) in _plan.Faults)
        {
            var replica = _cluster.Replicas[id.Index];
            var random = _random.Fork();
            if (_plan.DiskLoss?.HeldBack == id) SpoilAfterReturn(replica, kind, random);
            else _time.After(_plan.FaultsBegin, () => Spoil(replica, kind, random));
        }

        if (_plan.DiskLoss is { } loss) _time.After(loss.At, () => LoseDisk(loss));

        foreach (var (_, happening) in _plan.Happenings) _time.After(happening.At, () => Begin(happening));
    }

    private void Begin(Happening happening)
    {
        _trace?.Note($"-- begins: {happening}");
        switch (happening)
        {
            case PowerLost lost:
                _disks.Begin(lost);
                break;
            case Outage outage:
                if (outage.Replicas == _plan.Options.Cluster.All) _report.Count(Mark.AllRestarted);
                TakeDown(outage.Replicas, outage.For);
                break;
            case PrimaryLost { GoesDown: true }:
                _report.Count(Mark.PrimaryTakenAway);
                TakeDown(ReplicaSet.Empty.With(Primary), happening.For);
                break;
            case PrimaryLost:
                _report.Count(Mark.PrimaryTakenAway);
                CutOff(new Partition(happening.At, happening.For, ReplicaSet.Empty.With(Primary)));
                break;
            default:
                CutOff(happening);
                break;
        }
    }

    /// <summary>A replica is gone with all that it ever wrote, and another life of it begins on an empty disk.</summary>
    private void LoseDisk(DiskLoss loss)
    {
        var replica = _cluster.Replicas[loss.Replica.Index];
        _trace?.Note($"-- begins: {loss}");
        _report.Count(Mark.DisksLost);
        if (!replica.IsCrashed) replica.Crash();
        replica.Disk.Lose();
        _wasLost = true;
        _time.After(loss.For, () => Restart(replica));
    }

    /// <summary>f are faulty while one that lost its disk learns; the last one waits for that to be over, and then its votes count.</summary>
    private void SpoilAfterReturn(SimulatedReplica replica, FaultKind kind, Prng random)
    {
        if (HasReturned)
        {
            _report.Count(Mark.FaultyAfterReturn);
            Spoil(replica, kind, random);
        }
        else
        {
            _time.After(TimeSpan.FromMilliseconds(5), () => SpoilAfterReturn(replica, kind, random));
        }
    }

    /// <summary>Whether nobody that lost its disk, or will, is still to take part.</summary>
    private bool HasReturned =>
        _plan.DiskLoss is not { } loss || (_wasLost && _cluster.Replicas[loss.Replica.Index] is { IsCrashed: false, Machine.IsLearner: false });

    /// <summary>A learner needs the others to go on: clients ask until it takes part again, and some more then.</summary>
    private void AskUntilReturned(Instant patience)
    {
        for (var more = _plan.RequestsAfterHealing; more > 0 && _plan.DiskLoss is not null && OwesLiveness && _time.Now < patience;)
        {
            if (HasReturned) more--;
            foreach (var client in _clients.Take(_plan.Options.SessionsMax)) client.Submit(_workload.Draw(_plan.OperationsPerRequestMax));
            while (!IsDone && _time.Now < patience) RunUntil(_time.Now.Plus(Afterwards), orUntilDone: true);
        }
    }

    private void CutOff(Happening happening)
    {
        _links.Begin(happening);
        _time.After(happening.For, () => _links.End(happening));
    }

    /// <summary>The primary of the latest view that a correct replica is in.</summary>
    private ReplicaId Primary => _plan.Options.Cluster.PrimaryOf(Correct.Max(static replica => replica.Machine.View));

    /// <summary>Crashes those that are up and not faulty; a faulty one has enough to do.</summary>
    private void TakeDown(ReplicaSet replicas, TimeSpan span)
    {
        foreach (var id in replicas)
        {
            var replica = _cluster.Replicas[id.Index];
            if (replica.IsCrashed || _plan.Faults.ContainsKey(id)) continue;
            replica.Crash();
            _time.After(span, () => Restart(replica));
        }
    }

    private static void Restart(SimulatedReplica replica)
    {
        if (replica.IsCrashed) replica.Restart();
    }

    private void Spoil(SimulatedReplica replica, FaultKind kind, Prng random)
    {
        _trace?.Note($"-- {replica.Id} is from here on: {kind}");
        switch (kind)
        {
            case FaultKind.CrashStop:
                CrashWhenBusy(replica, random.Between(1, 200));
                break;
            case FaultKind.Slow:
                replica.SendAfter = TimeSpan.FromMilliseconds(random.Between(50, 500));
                break;
            case FaultKind.CorruptState:
                replica.Service.Rot();
                break;
            case FaultKind.OrderTwice:
                replica.OrdersAgain = random;
                break;
            case FaultKind.Twins:
                AddTwin(replica, random);
                break;
            case FaultKind.DamagedDisk:
                _time.After(random.Between(TimeSpan.Zero, _plan.SafetyPhase / 2), () => _disks.Damage(replica, random));
                break;
            case FaultKind.ClockFarOff:
                break; // its clock has been wrong from the start
            default:
                replica.Behaviour = Misbehaviour.Of(kind, replica.Id, _plan.Options.Cluster, _cluster.Wire, random, _report);
                break;
        }
    }

    /// <summary>Starts it a second time, from what is on its disk, and deals the others out between the two; now and then anew.</summary>
    private void AddTwin(SimulatedReplica replica, Prng random)
    {
        var sides = random.Next();
        var twin = _cluster.AddTwin(replica.Id, static () => new KeyValueStore(), _plan.Loops[replica.Id.Index], address => ((sides >> (address % 64)) & 1) == 0);
        twin.Resume();
        Deal();

        void Deal()
        {
            sides = random.Next();
            _time.After(random.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)), Deal);
        }
    }

    /// <summary>Crashes it at one of the next moments at which something of it is on its way to the disk, where there is such a moment.</summary>
    private void CrashWhenBusy(SimulatedReplica replica, int patience)
    {
        if (replica.IsFlushing || patience == 0) replica.Crash();
        else _time.After(TimeSpan.FromMicroseconds(500), () => CrashWhenBusy(replica, patience - 1));
    }

    /// <summary>All that was acknowledged is in every correct replica's store, once; and a client reads it there.</summary>
    private void CheckNothingIsLost()
    {
        if (!OwesLiveness) return;
        var final = new FinalStateChecker(_observer.History, _plan.Options, _report);
        foreach (var replica in Correct) final.Check(replica);
        foreach (var key in Workload.Keys) _clients[0].Read(KeyValueOperation.Get(key));
        RunUntil(_time.Now.Plus(LivenessPhase), orUntilDone: true);
        if (!IsDone) throw new SimulationFailedException("Liveness: the last reads are not answered.");
    }

    /// <summary>Where no more than f replicas are faulty, every request completes and all others are in one state.</summary>
    private void CheckLiveness()
    {
        if (!OwesLiveness) return;

        foreach (var client in _clients)
        {
            if (!client.IsDone) throw new SimulationFailedException($"Liveness: client {client.Number} still waits for {client.Outstanding} requests.");
        }

        foreach (var replica in Correct)
        {
            if (replica.Machine.LastExecuted.Value != _observer.History.Count)
            {
                throw new SimulationFailedException($"Liveness: {replica.Id} executed up to {replica.Machine.LastExecuted}, others to n{_observer.History.Count}.");
            }

            if (replica.Machine.Snapshot().Condition != ReplicaCondition.Normal)
            {
                throw new SimulationFailedException($"Liveness: {replica.Id} is {replica.Machine.Snapshot().Condition}.");
            }

            if (replica.Machine.Pending > 0)
            {
                throw new SimulationFailedException($"Liveness: at {replica.Id} {replica.Machine.Pending} requests wait, yet all are answered.");
            }

            _observer.Digested(replica);
        }
    }
}
