using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Generals;

/// <summary>Attack or retreat among simulated generals: each has a replica and is a client; traitors' replicas lie, to everybody something else.</summary>
/// <remarks>Every loyal general proposes its order for one entry that is written once, then asks for the entry. What the log holds first is the
/// decision. The same orders, traitors and seed, the same run.</remarks>
public sealed class GeneralsRun : IDisposable
{
    private const string Entry = "decision";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VirtualTime _time = new();
    private readonly SimulationReport _report = new();
    private readonly SimulatedCluster _cluster;
    private readonly Dictionary<int, General> _loyal = [];
    private readonly int[] _traitors;

    private GeneralsRun(IReadOnlyList<string> orders, int traitors, ulong seed)
    {
        var random = new Prng(seed);
        var options = new ProtocolOptions { Cluster = new(orders.Count) };
        var wire = new PlainWire(options);
        var links = new OpenLinks(this, new RandomLinks(random.Fork(), NetworkConditions.Good, 2 * orders.Count, _report));
        _cluster = new(
            options, _time, wire, links, orders.Count, new Secretary(this), _report, static _ => new KeyValueStore(), static _ => new LoopOptions());
        _traitors = [.. Enumerable.Range(orders.Count - traitors, traitors)];
        foreach (var traitor in _traitors)
        {
            _cluster.Replicas[traitor].Behaviour = Misbehaviour.Of(FaultKind.Lie, new(traitor), options.Cluster, wire, random.Fork(), _report);
        }

        var session = new ClientSessionOptions { Cluster = options.Cluster, Window = options.SessionWindow };
        for (var i = 0; i < orders.Count - traitors; i++) _loyal.Add(i, new(i, orders[i], new SimulatedClient(_cluster, i, session, inFlightMax: 1), orders.Count));
    }

    /// <summary>Lets the generals confer until every loyal one has decided, or 30 s of simulated time are over.</summary>
    /// <param name="orders">What each general has in mind, 1 to 100 letters: 4 to 64 of them.</param>
    /// <param name="traitors">How many are traitors: the last ones; at least one is loyal.</param>
    /// <param name="seed">What delays and lies are drawn from.</param>
    /// <exception cref="ArgumentException">There are too few generals, or too many, or no loyal one.</exception>
    public static GeneralsReport Execute(IReadOnlyList<string> orders, int traitors, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(orders);
        if (orders.Count is < 4 or > ClusterSize.ReplicasMax) throw new ArgumentException($"There must be 4 to {ClusterSize.ReplicasMax} generals, not {orders.Count}.");
        if (traitors < 0 || traitors >= orders.Count) throw new ArgumentException($"Of {orders.Count} generals, 0 to {orders.Count - 1} can be traitors, not {traitors}.");
        using var run = new GeneralsRun(orders, traitors, seed);
        return run.Execute();
    }

    /// <inheritdoc/>
    public void Dispose() => _cluster.Dispose();

    private GeneralsReport Execute()
    {
        _cluster.Start();
        foreach (var general in _loyal.Values)
        {
            general.Client.Open();
            general.Client.Submit(KeyValueOperation.Put(Entry, Encoding.UTF8.GetBytes(general.Order), ifVersion: 0));
        }

        var end = _time.Now.Plus(Patience);
        while (!_loyal.Values.All(static general => general.HasDecided) && _time.RunNext(end))
        {
        }

        var elapsed = _time.Elapsed;
        var hearing = _time.Now.Plus(TimeSpan.FromSeconds(1)); // the replies that nobody needs any more
        while (_time.RunNext(hearing))
        {
        }

        var haveOneState = _loyal.Keys.Select(id => _cluster.Replicas[id].Machine.Snapshot()).GroupBy(static replica => replica.LastExecuted)
            .All(static group => group.Select(static replica => replica.StateDigest).Distinct().Count() == 1);
        return new(
            [.. _loyal.Values.Select(static general => new GeneralReport(general.Number, general.Order, general.Decision, general.Heard))],
            _traitors,
            elapsed,
            _report[Mark.ActedLie],
            haveOneState);
    }

    /// <summary>A reply is on its way to a general.</summary>
    private void OnReply(int to, Reply reply)
    {
        if (_loyal.TryGetValue(to - _cluster.Options.Cluster.Replicas, out var general) && general.AsksFor == reply.Request.Number
            && general.Client.Session == reply.Request.Session)
        {
            general.Heard[reply.Sender.Index] = reply;
        }
    }

    /// <summary>A general accepted an answer: of its proposal at first, then of its question.</summary>
    private void OnAccepted(SimulatedClient client, Request request, Reply reply)
    {
        var general = _loyal[client.Number];
        if (request.OpensSession || reply.Status != ReplyStatus.Executed || general.HasDecided) return;
        if (general.AsksFor == request.Id.Number)
        {
            general.HasDecided = true;
            general.Decision = OperationResults.TryRead(reply.Results, out var results) && results is [{ Status: OperationStatus.Done } done]
                && KeyValueResult.TryRead(done.Data, out var result) ? result : null;
            return;
        }

        general.AsksFor = request.Id.Number + 1;
        _time.After(TimeSpan.Zero, () => client.Submit(KeyValueOperation.Get(Entry))); // not in the midst of an acceptance
    }

    private sealed class General(int number, string order, SimulatedClient client, int replicas)
    {
        public int Number => number;

        public string Order => order;

        public SimulatedClient Client => client;

        /// <summary>The number of the request that asks for the decision; 0 before there is one.</summary>
        public long AsksFor { get; set; }

        public bool HasDecided { get; set; }

        public KeyValueResult? Decision { get; set; }

        public Reply?[] Heard { get; } = new Reply?[replicas];
    }

    private sealed class Secretary(GeneralsRun run) : Observer
    {
        public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted) => run.OnAccepted(client, request, accepted.Reply);
    }

    /// <summary>Links on which everything that reaches a general is read.</summary>
    private sealed class OpenLinks(GeneralsRun run, ILinks links) : ILinks
    {
        public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
        {
            var isForGeneral = to >= run._cluster.Options.Cluster.Replicas;
            if (isForGeneral && run._cluster.Wire.TryOpen(envelope, out var input) == RejectReason.None && input.Kind == InputKind.Reply) run.OnReply(to, input.Reply);
            links.Decide(from, to, envelope, deliveries);
        }
    }
}
