using System.Buffers;
using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Tests;

/// <summary>Rule C-7 on whole clusters: reads race writes, on a bad network, beside a faulty replica and one that lags behind.</summary>
public sealed class ReadRaceTests
{
    private const int Seeds = 25;
    private const int Rounds = 120;
    private const int Laggard = 2;

    public static TheoryData<FaultMode> Modes =>
        [FaultMode.None, FaultMode.Silent, FaultMode.Stuck, FaultMode.Wrong, FaultMode.Lie, FaultMode.Equivocate, FaultMode.Slow];

    /// <summary>A counter only grows, so a read that shows less than was known when it began is one from an old state.</summary>
    [Theory, MemberData(nameof(Modes))]
    public void No_read_goes_back_behind_what_was_known_when_it_began(FaultMode mode)
    {
        var counted = new Counted();
        for (var seed = 1UL; seed <= Seeds; seed++) Race(seed, mode, counted);

        Assert.True(counted.Accepted > Seeds * Rounds / 4, $"{counted}: too few for anything to be shown.");
        Assert.True(counted.Writes > Seeds * 5, $"{counted}: nothing was written meanwhile.");
    }

    /// <summary>The worst there is: a correct replica that lags, and a liar who says whatever that one says, so that f + 1 agree on what is old.</summary>
    [Fact]
    public void A_liar_who_repeats_what_a_laggard_says_makes_no_read_stale()
    {
        var counted = new Counted();
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            Race(seed, FaultMode.None, counted, static cluster => cluster.Replicas[3].Behaviour = new Parrot(
                new(new(3), cluster.Options.Cluster, new WireSeals(cluster.Wire, new(3)), new(1)), cluster.Replicas[Laggard]));
        }

        Assert.True(counted.Accepted > Seeds * Rounds / 4, $"{counted}: too few for anything to be shown.");
        Assert.True(counted.Ordered > Seeds, $"{counted}: nobody ever lagged.");
    }

    private static void Race(ulong seed, FaultMode mode, Counted counted, Action<SimulatedCluster>? corrupt = null)
    {
        var random = new Prng(seed);
        var time = new VirtualTime();
        var options = new ProtocolOptions { Cluster = new(4), CheckpointInterval = 8, LogWindow = 16 };
        var report = new SimulationReport();
        var conditions = NetworkConditions.Good with { DelayMax = TimeSpan.FromMilliseconds(8), DropPerMille = 10, DuplicatePerMille = 20 };
        var history = new History(counted);
        using var wire = new PlainWire(options);
        var links = new LaggingLinks(new RandomLinks(random, conditions, 7, report));
        using var cluster = new SimulatedCluster(
            options, time, wire, links, clients: 3, history, report,
            static _ => new KeyValueStore(), static _ => new());
        var clients = Enumerable.Range(0, 3).Select(i => new SimulatedClient(
            cluster, i, new() { Cluster = options.Cluster, RetransmitAfter = TimeSpan.FromMilliseconds(200) }, inFlightMax: 4)).ToArray();
        if (mode != FaultMode.None)
        {
            var faulty = cluster.Replicas[random.Between(0, 3)];
            faulty.Behaviour = Behaviour.Of(Fault.Of(mode), new(faulty.Id, options.Cluster, new WireSeals(wire, faulty.Id), random));
        }

        corrupt?.Invoke(cluster);
        cluster.Start();
        foreach (var client in clients) client.Open();
        for (var round = 0; round < Rounds; round++)
        {
            links.Lags = corrupt is not null && round % 20 is >= 5 and < 12;
            if (round % 2 == 0) clients[0].Submit(KeyValueOperation.Increment("k"));
            clients[1 + (round % 2)].Read(KeyValueOperation.Get("k"));
            var until = time.Now.Plus(TimeSpan.FromMilliseconds(random.Between(1, 20)));
            while (time.RunNext(until))
            {
            }
        }
    }

    /// <summary>Keeps what the others say from one replica while it lags; clients reach it all the time.</summary>
    private sealed class LaggingLinks(ILinks links) : ILinks
    {
        public bool Lags { get; set; }

        public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
        {
            if (!Lags || to != Laggard || from >= 4 || from == Laggard) links.Decide(from, to, envelope, deliveries);
        }
    }

    /// <summary>Answers reads as another replica would, at this moment, and says that nothing is prepared.</summary>
    private sealed class Parrot(BehaviourContext context, SimulatedReplica other) : Behaviour(context)
    {
        private readonly ArrayBufferWriter<byte> _result = new();

        protected override ReadReply Distort(ReadReply reply)
        {
            Act();
            _result.ResetWrittenCount();
            other.Service.Query(KeyValueOperation.Get("k"), _result);
            byte[] results = [1, 0, 0, 0, (byte)Core.OperationStatus.Done, (byte)_result.WrittenCount, 0, 0, 0, .. _result.WrittenSpan];
            return reply.At(other.Machine.LastExecuted, SequenceNumber.Zero).With(results);
        }
    }

    private sealed class Counted
    {
        public int Accepted { get; set; }

        public int Ordered { get; set; }

        public int Writes { get; set; }

        public override string ToString() => $"{Accepted} reads accepted, {Ordered} ordered, {Writes} writes";
    }

    /// <summary>The greatest value that any client was told, and what it was when each read began.</summary>
    private sealed class History(Counted counted) : Observer
    {
        private readonly Dictionary<(ClientId Client, long Number), long> _knownAtBegin = [];
        private long _known;

        public override void OnReadBegun(SimulatedClient client, Read read) => _knownAtBegin[(read.Client, read.Number)] = _known;

        public override void OnReadEnded(SimulatedClient client, Read read, AcceptedRead? accepted)
        {
            if (accepted is null)
            {
                counted.Ordered++;
                return;
            }

            counted.Accepted++;
            var value = ValueOf(accepted.Results);
            Assert.True(value >= _knownAtBegin[(read.Client, read.Number)], $"{read} showed {value}; {_knownAtBegin[(read.Client, read.Number)]} was known.");
            Know(value);
        }

        public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted)
        {
            if (accepted.Reply.Status != ReplyStatus.Executed) return;
            if (client.Number == 0) counted.Writes++;
            Know(ValueOf(accepted.Reply.Results));
        }

        private static long ValueOf(ReadOnlyMemory<byte> results)
        {
            Assert.True(OperationResults.TryRead(results, out var read));
            Assert.True(KeyValueResult.TryRead(Assert.Single(read).Data, out var result));
            return result.Outcome == KeyValueOutcome.NotFound ? 0 : long.Parse(Encoding.UTF8.GetString(result.Value.Span), CultureInfo.InvariantCulture);
        }

        private void Know(long value) => _known = Math.Max(_known, value);
    }
}
