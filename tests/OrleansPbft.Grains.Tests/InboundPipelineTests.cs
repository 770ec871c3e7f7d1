using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Grains.Tests.Support;
using OrleansPbft.Tests;

namespace OrleansPbft.Grains.Tests;

/// <summary>Rule N-8: what a peer can make a replica keep is bounded, and a flood of one takes nothing from the others.</summary>
public sealed class InboundPipelineTests : IDisposable
{
    private const int LaneMax = 10;

    private readonly KeyPair[] _keys = [.. Enumerable.Range(0, 4).Select(static _ => KeyPair.Create())];
    private readonly PbftInstruments _instruments = new();
    private readonly Membership _membership;
    private readonly RejectCounter _rejects;
    private readonly EnvelopeOpener _opener;
    private readonly InboundPipeline _pipeline;

    public InboundPipelineTests()
    {
        _membership = new([.. _keys.Select(static key => key.PublicKey)]);
        _rejects = new(_instruments, 0);
        _opener = new(_membership, new() { Cluster = new(4) }, new(new()));
        var bounds = new LaneBounds(LaneMax, 100_000);
        _pipeline = new([bounds, bounds, bounds, bounds], _opener, new(TimeProvider.System), _rejects, static failure => Assert.Fail(failure.ToString()));
    }

    [Fact]
    public async Task A_flood_of_one_peer_is_dropped_and_the_others_are_heard_next()
    {
        var flood = VoteOf(replica: 1, sequence: 1);
        var accepted = 0;

        // Nobody takes what is opened: in the end nothing more is opened, and lane 1 is full.
        await TestSilo.Eventually(() =>
        {
            for (var i = 0; i < 1000; i++) accepted += _pipeline.TryEnqueue(1, flood) ? 1 : 0;
            return Task.FromResult(_rejects.ByReason().GetValueOrDefault("NoRoom") > 0 && accepted >= 4096 + LaneMax);
        });
        Assert.True(accepted <= 4096 + LaneMax + 1);
        Assert.True(_pipeline.TryEnqueue(2, VoteOf(replica: 2, sequence: 7)));

        for (var i = 0; i < accepted - LaneMax; i++) Assert.Equal(1, (await TakeAsync()).Sender.Index);
        var next = new[] { await TakeAsync(), await TakeAsync() };
        Assert.Contains(next, static vote => vote.Sender.Index == 2);
    }

    [Fact]
    public void A_lane_is_bounded_in_bytes_too()
    {
        var large = new Envelope(new byte[60_000], origin: 1);
        var results = Enumerable.Range(0, 20_000).Select(_ => _pipeline.TryEnqueue(1, new(new byte[100_001], origin: 1))).ToArray();

        Assert.DoesNotContain(true, results);
        Assert.True(_pipeline.TryEnqueue(2, large));
    }

    [Fact]
    public async Task What_one_peer_sent_arrives_in_its_order()
    {
        for (var n = 1; n <= 200; n++)
        {
            Assert.True(_pipeline.TryEnqueue(3, VoteOf(replica: 3, sequence: n)));
            if (n % LaneMax != 0) continue;
            for (var m = n - LaneMax + 1; m <= n; m++) Assert.Equal(m, (await TakeAsync()).Sequence.Value);
        }
    }

    /// <summary>A signature costs more than a MAC: of a peer that signs what it need not, less is opened. The primary has to sign.</summary>
    [Theory]
    [InlineData(-1, 1 + (PeerLane.Burst / (1 + PeerLane.Verification)))]
    [InlineData(1, PeerLane.Burst)]
    public async Task Of_a_peer_that_makes_it_verify_much_less_is_opened(int primary, int expected)
    {
        var clock = new ManualTime();
        var bounds = new LaneBounds(2 * PeerLane.Burst, 1 << 30, LaneOrigin.Peer);
        var pipeline = new InboundPipeline([bounds, bounds, bounds, bounds], _opener, new(clock), _rejects, static failure => Assert.Fail(failure.ToString()))
        {
            Primary = primary,
        };
        var bytes = VoteOf(replica: 1, sequence: 1).Bytes.ToArray();
        bytes[^1] ^= 1;
        var bad = new Envelope(bytes, origin: 1);

        for (var i = 0; i < 2 * PeerLane.Burst; i++) Assert.True(pipeline.TryEnqueue(1, bad));

        await TestSilo.Eventually(() => Task.FromResult(_rejects.ByReason().GetValueOrDefault("BadSignature") >= expected));
        Assert.Equal((2 * PeerLane.Burst) - expected, pipeline.Waiting); // and the clock stands still
    }

    [Fact]
    public async Task What_waits_of_one_can_be_forgotten()
    {
        var bounds = new LaneBounds(2 * PeerLane.Burst, 1 << 30, LaneOrigin.Peer);
        var pipeline = new InboundPipeline([bounds, bounds], _opener, new(new ManualTime()), _rejects, static failure => Assert.Fail(failure.ToString()));
        var vote = VoteOf(replica: 1, sequence: 1);
        for (var i = 0; i < 2 * PeerLane.Burst; i++) Assert.True(pipeline.TryEnqueue(1, vote));
        await TestSilo.Eventually(() => Task.FromResult(pipeline.Backlog == 4096)); // nobody takes what is opened

        pipeline.Forget(1);

        Assert.Equal(0, pipeline.Waiting);
        Assert.Equal((2 * PeerLane.Burst) - 4096, _rejects.ByReason().GetValueOrDefault("Forgotten"));
        Assert.True(pipeline.TryEnqueue(0, VoteOf(replica: 0, sequence: 1)));
        pipeline.Taken(4096);
        await TestSilo.Eventually(() => Task.FromResult(pipeline.Waiting == 0));
    }

    public void Dispose()
    {
        foreach (var key in _keys) key.Dispose();
        _instruments.Dispose();
    }

    private Envelope VoteOf(int replica, long sequence)
    {
        var sealer = new ReplicaSealer(_membership.Id, new(replica), _keys[replica]);
        return new(sealer.Seal(new Vote(VotePhase.Prepare, View.Initial, new(sequence), Digest.Zero, new(replica))), replica);
    }

    private async Task<Vote> TakeAsync()
    {
        var arrival = await _pipeline.Opened.ReadAsync(TestContext.Current.CancellationToken);
        _pipeline.Taken(1);
        return arrival.Input.Vote;
    }
}
