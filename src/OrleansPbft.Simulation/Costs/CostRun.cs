using System.Globalization;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Costs;

/// <summary>Measures what a request costs: a whole cluster with real seals in one thread, on links that lose nothing and take the same time for everything.</summary>
/// <remarks>
/// Clients ask in closed loops. Where a batch holds one request there is one client, and nothing waits. Else there are twice as many clients as a
/// batch holds requests, and one batch is ordered at a time: while it is, the next one's requests arrive, so that every batch is full. What is counted is what is
/// sent between two executions of the primary, once batches are full: whole periods of a run that repeats itself. The same plan, the same counts.
/// </remarks>
public sealed class CostRun : IDisposable
{
    private const int KeyLength = 16;
    private const int ValueBytes = 16;
    private const int WarmUpBatches = 8;

    // One delay; nothing depends on how long it is, as long as all that a batch takes is far below the time-outs.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1);

    private readonly CostPlan _plan;
    private readonly Prng _random;
    private readonly VirtualTime _time = new();
    private readonly EnvelopeTally _tally;
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedClient[] _clients;
    private readonly Dictionary<int, Instant> _submitted = [];
    private int _opened;
    private bool _isMeasuring;
    private long _answered;
    private TimeSpan _latencySum;
    private TimeSpan _latencyMax;
    private int _resultsBytes = -1;

    private CostRun(CostPlan plan)
    {
        _plan = plan;
        _random = new(plan.Seed);
        var clients = plan.Batch == 1 ? 1 : 2 * plan.Batch;
        var options = new ProtocolOptions
        {
            Cluster = new(plan.Replicas),
            Authentication = plan.Authentication,
            BatchMax = plan.Batch,
            Pipeline = 1,
            CheckpointInterval = plan.Batches,
            LogWindow = Math.Max(256, 2 * plan.Batches),
        };
        _tally = new(new(options));
        var report = new SimulationReport();
        SimulatedWire wire = plan.Authentication == AuthenticationMode.Macs ? new MacWire(options, _time, report, new SessionKeyOptions()) : new SignedWire(options);
        _cluster = new(
            options, _time, wire, new SteadyLinks(Delay, _tally), clients, new Meter(this), report, static _ => new KeyValueStore(), static _ => new LoopOptions());
        var session = new ClientSessionOptions { Cluster = options.Cluster, Window = options.SessionWindow };
        _clients = [.. Enumerable.Range(0, clients).Select(i => new SimulatedClient(_cluster, i, session, inFlightMax: 1))];
    }

    /// <summary>Runs a cluster until as much was measured as the plan says.</summary>
    /// <exception cref="ArgumentException">The plan can not be run; the message says why.</exception>
    public static CostPoint Measure(CostPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Problems() is [var problem, ..]) throw new ArgumentException(problem, nameof(plan));
        using var run = new CostRun(plan);
        return run.Measure();
    }

    /// <inheritdoc/>
    public void Dispose() => _cluster.Dispose();

    private SequenceNumber Executed => _cluster.Replicas[0].Machine.LastExecuted;

    private CostPoint Measure()
    {
        _cluster.Start();
        foreach (var client in _clients) client.Open();
        RunUntil(() => _opened == _clients.Length);
        foreach (var client in _clients) Submit(client);
        RunUntilExecuted(Executed.Plus(WarmUpBatches));

        _isMeasuring = true;
        _tally.Clear();
        RunUntilExecuted(Executed.Plus(_plan.Batches));
        return Result();
    }

    /// <summary>Runs until so much is executed and all that this sets off at the same moment has happened.</summary>
    private void RunUntilExecuted(SequenceNumber sequence)
    {
        RunUntil(() => Executed >= sequence);
        if (Executed != sequence) throw new InvalidOperationException($"The primary executed up to {Executed}, and not one batch at a time up to {sequence}.");
        var moment = _time.Now.Plus(Delay / 2); // nothing else is due before: everything takes whole delays
        while (_time.RunNext(moment))
        {
        }
    }

    private void RunUntil(Func<bool> isDone)
    {
        // Many times what it takes, so that a cluster that does not go on is found out.
        var patience = _time.Now.Plus(TimeSpan.FromSeconds(10) + (Delay * 20 * (_plan.Batches + _clients.Length)));
        while (!isDone())
        {
            if (!_time.RunNext(patience)) throw new InvalidOperationException("The simulated cluster does not go on, though nothing is wrong with it.");
        }
    }

    private void Submit(SimulatedClient client)
    {
        var key = _random.Next().ToString("x16", CultureInfo.InvariantCulture);
        var value = new byte[ValueBytes];
        for (var i = 0; i < value.Length; i++) value[i] = (byte)_random.Next();
        client.Submit(KeyValueOperation.Put(key, value));
    }

    private void OnAccepted(SimulatedClient client, Request request)
    {
        if (request.OpensSession)
        {
            _opened++;
            return;
        }

        if (_isMeasuring)
        {
            var latency = _time.Now.Since(_submitted[client.Number]);
            _answered++;
            _latencySum += latency;
            if (latency > _latencyMax) _latencyMax = latency;
        }

        _time.After(TimeSpan.Zero, () => Submit(client)); // not in the midst of an acceptance
    }

    private void OnReplied(Reply reply)
    {
        if (!_isMeasuring || _resultsBytes == reply.Results.Length) return;
        if (_resultsBytes >= 0) throw new InvalidOperationException("Results are not all of one length: then bytes have no formula.");
        _resultsBytes = reply.Results.Length;
    }

    private CostPoint Result()
    {
        var operationBytes = KeyValueOperation.Put(new('0', KeyLength), new byte[ValueBytes]).Length;
        var formula = new CostFormula(_plan, operationBytes, _resultsBytes);
        var expected = new SortedDictionary<MessageKind, KindCost> { [MessageKind.Checkpoint] = formula.OfCheckpoint() };
        foreach (var (kind, cost) in formula.OfBatch()) expected[kind] = cost * _plan.Batches;
        return new()
        {
            Plan = _plan,
            Requests = _answered,
            Measured = _tally.Snapshot(),
            Formula = expected,
            OperationBytes = operationBytes,
            ResultsBytes = _resultsBytes,
            LatencyDelays = _latencySum / Delay / _answered,
            LatencyDelaysMax = _latencyMax / Delay,
        };
    }

    private sealed class Meter(CostRun run) : Observer
    {
        public override void OnSubmitted(SimulatedClient client, Request request) => run._submitted[client.Number] = run._time.Now;

        public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted) => run.OnAccepted(client, request);

        public override void OnReplied(SimulatedReplica replica, Reply reply) => run.OnReplied(reply);
    }
}
