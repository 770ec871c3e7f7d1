using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation;

/// <summary>One run: a safety phase in which the network does its worst, then a liveness phase in which it is well and everything must complete.</summary>
public sealed class SimulationRun : IDisposable
{
    // Far above what any healthy run takes; a run that needs more is stuck or runs in circles.
    private const long EventsMax = 5_000_000;

    private static readonly TimeSpan LivenessPhase = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    private readonly SimulationPlan _plan;
    private readonly SimulationReport _report = new();
    private readonly VirtualTime _time = new();
    private readonly RandomLinks _links;
    private readonly CheckedObserver _observer;
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedClient[] _clients;
    private readonly Prng _random;

    private SimulationRun(SimulationPlan plan)
    {
        _plan = plan;
        _random = new Prng(plan.Seed ^ 0x5851F42D4C957F2D);
        _links = new(_random.Fork(), plan.Conditions, plan.Options.Cluster.Replicas + plan.Clients, _report);
        _observer = new(plan, _time, _report);
        _cluster = new(
            plan.Options,
            _time,
            plan.IsSigned ? new SignedWire(plan.Options) : new PlainWire(plan.Options),
            _links,
            plan.Clients,
            _observer,
            _report,
            static _ => new KeyValueStore(),
            id => plan.Loops[id.Index]);
        _clients = [.. Enumerable.Range(0, plan.Clients).Select(i => new SimulatedClient(_cluster, i, plan.ClientOptions, plan.InFlightMax))];
    }

    /// <summary>Runs the plan of a seed and checks everything.</summary>
    /// <returns>What the run came across.</returns>
    /// <exception cref="SimulationFailedException">A property does not hold; the message says how to run it again.</exception>
    public static SimulationReport Execute(ulong seed)
    {
        var plan = SimulationPlan.Draw(seed);
        try
        {
            using var run = new SimulationRun(plan);
            return run.Execute();
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
        Replay: PBFT_SEED={plan.Seed} dotnet test tests/OrleansPbft.Simulation.Tests --filter "FullyQualifiedName~Replay"
        """,
        cause);

    private bool IsDone => Array.TrueForAll(_clients, static client => client.IsDone);

    private IEnumerable<SimulatedReplica> Correct => _cluster.Replicas.Where(replica => !_plan.Faults.ContainsKey(replica.Id));

    /// <summary>No more than f are faulty: everything must complete.</summary>
    private bool OwesLiveness => _plan.Faults.Count <= _plan.Options.Cluster.MaxFaulty;

    private SimulationReport Execute()
    {
        _cluster.Start();
        PlanFaults();
        var workload = new Workload(_random.Fork(), keys: 4, _plan.ValueBytesMax);
        foreach (var client in _clients)
        {
            client.Open();
            for (var i = 0; i < _plan.RequestsPerClient; i++) client.Submit(workload.Draw(_plan.OperationsPerRequestMax));
        }

        RunUntil(VirtualTime.Start.Plus(_plan.SafetyPhase), orUntilDone: false);
        _links.Heal();

        // More clients than sessions evict each other without end: only so many go on as have room.
        foreach (var client in _clients.Skip(_plan.Options.SessionsMax)) client.Retire();
        foreach (var client in _clients.Take(_plan.Options.SessionsMax))
        {
            for (var i = 0; i < _plan.RequestsAfterHealing; i++) client.Submit(workload.Draw(_plan.OperationsPerRequestMax));
        }

        var patience = _time.Now.Plus(LivenessPhase);
        while (!IsDone && OwesLiveness && _time.Now < patience) RunUntil(_time.Now.Plus(Afterwards), orUntilDone: true);
        RunUntil(_time.Now.Plus(Afterwards), orUntilDone: false);
        CheckLiveness();
        _observer.CheckHistory();

        _report.Elapsed = _time.Elapsed;
        _report.Events = _time.Events;
        _report.TraceHash = _cluster.Network.TraceHash;
        return _report;
    }

    private void RunUntil(Instant until, bool orUntilDone)
    {
        while (!(orUntilDone && IsDone) && _time.RunNext(until))
        {
            if (_time.Events > EventsMax) throw new SimulationFailedException($"Liveness: still busy after {EventsMax} events.");
        }
    }

    private void PlanFaults()
    {
        foreach (var (id, kind) in _plan.Faults)
        {
            var replica = _cluster.Replicas[id.Index];
            var random = _random.Fork();
            _time.After(_plan.FaultsBegin, () => Spoil(replica, kind, random));
        }

        foreach (var (at, span, cutOff) in _plan.Partitions)
        {
            _time.After(at, () => _links.CutOff(cutOff.ToIndexes()));
            _time.After(at + span, _links.Reconnect);
        }
    }

    private void Spoil(SimulatedReplica replica, FaultKind kind, Prng random)
    {
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
            case FaultKind.ClockFarOff:
                break; // its clock has been wrong from the start
            default:
                replica.Behaviour = Misbehaviour.Of(kind, replica.Id, _plan.Options.Cluster, _cluster.Wire, random, _report);
                break;
        }
    }

    /// <summary>Crashes it at one of the next moments at which something of it is on its way to the disk, where there is such a moment.</summary>
    private void CrashWhenBusy(SimulatedReplica replica, int patience)
    {
        if (replica.IsFlushing || patience == 0) replica.Crash();
        else _time.After(TimeSpan.FromMicroseconds(500), () => CrashWhenBusy(replica, patience - 1));
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
