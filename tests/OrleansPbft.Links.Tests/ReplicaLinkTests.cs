using OrleansPbft.Core;

namespace OrleansPbft.Links.Tests;

/// <summary>Links between correct silos: what goes in at one end comes out at the other, and what is lost is found again (DESIGN 9).</summary>
public sealed class ReplicaLinkTests : IDisposable
{
    private static readonly ReplicaId R0 = new(0);
    private static readonly ReplicaId R1 = new(1);

    private readonly LinkedCluster _cluster = new();

    [Fact]
    public async Task Envelopes_arrive_in_order_with_their_origin_and_their_trace()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var one = await LinkedSilo.StartAsync(_cluster.IdentityOf(1));
        await zero.Log.LineAsync("The link to replica 1 at");
        await one.Log.LineAsync("The link to replica 0 at");

        for (var i = 0; i < 1000; i++) zero.Links.Send(R1, BitConverter.GetBytes(i), i == 500 ? Trace : null);
        one.Links.Send(R0, new byte[] { 7 });

        for (var i = 0; i < 1000; i++)
        {
            var (from, envelope, trace) = await one.NextAsync();
            Assert.Equal((R0, i, i == 500 ? Trace : null), (from, BitConverter.ToInt32(envelope), trace));
        }

        Assert.Equal(R1, (await zero.NextAsync()).From);
        Assert.Equal(1, zero.Links.Open);
        var status = zero.Links.GetStatus().Single(static link => link.Peer == 1);
        Assert.Equal((true, true, null), (status.IsSending, status.IsReceiving, status.Problem));
        Assert.Throws<ArgumentException>(() => zero.Links.Send(R0, new byte[1]));
    }

    /// <summary>What waits while a peer is away is sent when it is back, the newest of it; and it is dialled again by itself.</summary>
    [Fact]
    public async Task A_peer_that_restarts_is_found_again()
    {
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using (var before = await LinkedSilo.StartAsync(_cluster.IdentityOf(1)))
        {
            zero.Links.Send(R1, new byte[] { 1 });
            Assert.Equal([1], (await before.NextAsync()).Envelope);
            await before.Log.LineAsync("The link to replica 0 at");
            await before.StopAsync();
        }

        await zero.Log.LineAsync("closed the link: it stops");
        zero.Links.Send(R1, new byte[] { 2 });
        await using var after = await LinkedSilo.StartAsync(_cluster.IdentityOf(1));

        Assert.Equal([2], (await after.NextAsync()).Envelope);
        after.Links.Send(R0, new byte[] { 3 });
        Assert.Equal([3], (await zero.NextAsync()).Envelope);
    }

    /// <summary>The stated policy: without room the oldest go, and they are counted. Nothing is ever as large as to find no room at all.</summary>
    [Fact]
    public async Task The_oldest_are_dropped_where_there_is_no_room()
    {
        const int Kept = 10;
        const int Bytes = 1000;
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0), static options =>
            options.OfflineQueueBytesMax = Kept * (Bytes + LinkFrame.HeaderBytes));

        for (byte i = 0; i < 100; i++) zero.Links.Send(R1, Enumerable.Repeat(i, Bytes).ToArray());

        var status = zero.Links.GetStatus().Single(static link => link.Peer == 1);
        Assert.Equal((90L, Kept * (Bytes + LinkFrame.HeaderBytes), false), (status.Dropped, status.QueuedBytes, status.IsSending));
        Assert.Equal(90, zero.Counted["pbft.link.envelopes.dropped/1"]);
        await using var one = await LinkedSilo.StartAsync(_cluster.IdentityOf(1));
        for (byte i = 90; i < 100; i++) Assert.Equal(i, (await one.NextAsync()).Envelope[0]);
    }

    /// <summary>A cable that swallows everything in one direction and breaks nothing: pings find out, the other direction works on, and the link is made again.</summary>
    [Fact]
    public async Task A_link_that_is_dead_in_one_direction_is_found_out_and_made_again()
    {
        await using var cable = new Cable(_cluster.Addresses[1]);
        var one = _cluster.IdentityOf(1);
        var zero = _cluster.IdentityOf(0) with { Addresses = _cluster.Addresses.SetItem(1, cable.Address) };
        await using var zeroSilo = await LinkedSilo.StartAsync(zero, static options => options.SilenceMax = TimeSpan.FromSeconds(2));
        await using var oneSilo = await LinkedSilo.StartAsync(one);
        zeroSilo.Links.Send(R1, new byte[] { 1 });
        Assert.Equal([1], (await oneSilo.NextAsync()).Envelope);

        cable.IsCut = true;
        zeroSilo.Links.Send(R1, new byte[] { 2 });
        await zeroSilo.Log.LineAsync("The link to replica 1 at");
        await zeroSilo.Log.LineAsync("was lost");
        oneSilo.Links.Send(R0, new byte[] { 3 });
        Assert.Equal([3], (await zeroSilo.NextAsync()).Envelope);
        cable.IsCut = false;
        zeroSilo.Links.Send(R1, new byte[] { 4 });

        Assert.Equal([4], (await oneSilo.NextAsync()).Envelope);
    }

    [Fact]
    public void A_queue_that_can_not_hold_the_largest_envelope_is_refused()
    {
        var limits = new WireLimits(_cluster.Replicas.Options);
        var options = new ReplicaLinkOptions { QueueBytesMax = LinkFrame.BytesOf(limits.EnvelopeBytesMax) - 1, ReconnectAfter = TimeSpan.FromDays(1), PackedBytes = 5 };

        var problems = options.Problems(limits);

        Assert.Equal(3, problems.Count);
        Assert.Contains(problems, static problem => problem.Contains("QueueBytesMax", StringComparison.Ordinal));
        Assert.Empty(new ReplicaLinkOptions().Problems(limits));
    }

    /// <summary>A replica that has no room holds its peers up, and loses nothing of what they send meanwhile.</summary>
    [Fact]
    public async Task A_replica_without_room_holds_up_its_peers()
    {
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var one = await LinkedSilo.StartAsync(_cluster.IdentityOf(1));
        await zero.Log.LineAsync("The link to replica 1 at");
        one.IsFull = true;
        zero.Links.Send(R1, new byte[] { 0 });
        Assert.Equal([0], (await one.NextAsync()).Envelope); // the link sees that there is no room behind this one

        for (byte i = 1; i < 200; i++) zero.Links.Send(R1, new[] { i });
        Assert.False(one.TryNext(out _));
        one.IsFull = false;

        for (byte i = 1; i < 200; i++) Assert.Equal([i], (await one.NextAsync()).Envelope);
    }

    /// <summary>A silo that stops tells its peers, and does not wait for those that are not there.</summary>
    [Fact]
    public async Task A_silo_that_stops_says_good_bye()
    {
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var one = await LinkedSilo.StartAsync(_cluster.IdentityOf(1));
        await zero.Log.LineAsync("The link from replica 1 is open");
        await one.Log.LineAsync("The link from replica 0 is open");

        await one.StopAsync();

        await zero.Log.LineAsync("The link from replica 1 ended: ByPeer");
        await zero.Log.LineAsync("closed the link: it stops");
        await one.Counted.Reach("pbft.link.connections.closed/Shutdown", 1);
    }

    public void Dispose() => _cluster.Dispose();
}
