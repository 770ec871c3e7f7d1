using System.Net;
using System.Net.WebSockets;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>Rules C-6, N-8 at the client port: who floods is held up, and pays for itself (ADR 0015).</summary>
public sealed class FloodTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A second's worth of rejected envelopes is looked at at once, and then so many in a second, of all connections together.</summary>
    [Fact]
    public void Rejected_envelopes_have_one_budget()
    {
        var time = new ManualTime();
        var budget = new RejectBudget(perSecond: 100, time);

        for (var i = 0; i < 100; i++) Assert.Equal(TimeSpan.Zero, budget.Charge());
        Assert.Equal(Second / 100, budget.Charge());
        Assert.Equal(2 * Second / 100, budget.Charge());
        time.Advance(Second / 2);
        Assert.Equal(TimeSpan.Zero, budget.Charge());
        time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 100; i++) Assert.Equal(TimeSpan.Zero, budget.Charge());
        Assert.NotEqual(TimeSpan.Zero, budget.Charge());
    }

    /// <summary>A client that is refused more often than it may be is not looked at until it has waited; others are.</summary>
    [Fact]
    public void A_client_that_is_refused_too_often_is_held_back()
    {
        var time = new ManualTime();
        var pace = new ClientPace(refusalsPerSecond: 10, openingsPerSecond: 1, clientsMax: 4, time);
        ClientId greedy = new(1);

        for (var i = 0; i < 10; i++)
        {
            pace.Charge(greedy);
            Assert.False(pace.IsHeldBack(greedy, opensSession: false));
        }

        pace.Charge(greedy);
        Assert.True(pace.IsHeldBack(greedy, opensSession: false));
        Assert.False(pace.IsHeldBack(new(2), opensSession: false));
        time.Advance(Second / 10);
        Assert.False(pace.IsHeldBack(greedy, opensSession: false));
    }

    /// <summary>A client that opens sessions too often is not looked at where it opens another; all else it asks for is.</summary>
    [Fact]
    public void A_client_that_opens_too_often_opens_no_more_for_a_while()
    {
        var time = new ManualTime();
        var pace = new ClientPace(refusalsPerSecond: 1, openingsPerSecond: 10, clientsMax: 4, time);
        for (var i = 0; i <= 10; i++) pace.ChargeOpening(new(1));

        Assert.True(pace.IsHeldBack(new(1), opensSession: true));
        Assert.False(pace.IsHeldBack(new(1), opensSession: false));
        Assert.False(pace.IsHeldBack(new(2), opensSession: true));
        time.Advance(Second / 10);
        Assert.False(pace.IsHeldBack(new(1), opensSession: true));
    }

    /// <summary>N-8: what is remembered of clients is bounded, and who has nothing to pay off is forgotten first.</summary>
    [Fact]
    public void What_is_remembered_of_clients_is_bounded()
    {
        var time = new ManualTime();
        var pace = new ClientPace(refusalsPerSecond: 1, openingsPerSecond: 1, clientsMax: 4, time);
        for (var i = 0; i < 3; i++) pace.Charge(new(1));
        for (var client = 2; client <= 4; client++) pace.Charge(new((UInt128)client));

        pace.Charge(new(5));
        Assert.True(pace.IsHeldBack(new(1), opensSession: false));

        for (var client = 100; client < 1000; client++)
        {
            for (var i = 0; i < 3; i++) pace.Charge(new((UInt128)client));
        }

        Assert.False(pace.IsHeldBack(new(1), opensSession: false)); // forgotten with the rest: there is no room for a thousand debtors
    }

    /// <summary>A signature that comes again is known; one that was long ago may not be.</summary>
    [Fact]
    public void A_repeated_signature_is_known()
    {
        var pace = new ClientPace(1, 1, 1, new ManualTime());
        byte[] one = [.. Enumerable.Range(1, 64).Select(static i => (byte)i)], other = [.. Enumerable.Range(9, 64).Select(static i => (byte)i)];

        Assert.False(pace.IsRepeated(one));
        Assert.False(pace.IsRepeated(other));
        Assert.True(pace.IsRepeated(one));
        Assert.False(pace.IsRepeated([]));
        Assert.False(pace.IsRepeated([]));
    }

    /// <summary>An address of which more connections had to be ended than may be in a second waits for its next; others do not; and what is remembered is bounded.</summary>
    [Fact]
    public void An_address_that_had_to_be_parted_with_too_often_waits()
    {
        var time = new ManualTime();
        var pace = new AddressPace(perSecond: 10, time);
        IPAddress bad = new([10, 0, 0, 1]), good = new([10, 0, 0, 2]);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(TimeSpan.Zero, pace.WaitOf(bad));
            pace.Charge(bad);
        }

        pace.Charge(bad);
        Assert.Equal(Second / 10, pace.WaitOf(bad));
        Assert.Equal(TimeSpan.Zero, pace.WaitOf(good));
        time.Advance(Second / 10);
        Assert.Equal(TimeSpan.Zero, pace.WaitOf(bad));

        for (var i = 0; i < 1000; i++) pace.Charge(bad);
        Assert.Equal(AddressPace.WaitMax, pace.WaitOf(bad));
        for (var i = 0; i < AddressPace.AddressesMax; i++) pace.Charge(new(BitConverter.GetBytes(0x0B00_0000 + i)));
        Assert.Equal(AddressPace.WaitMax, pace.WaitOf(bad)); // who has paid is forgotten first
        for (var i = 0; i < 20 * AddressPace.AddressesMax; i++) pace.Charge(new(BitConverter.GetBytes(0x0C00_0000 + (i / 20))));
        Assert.Equal(TimeSpan.Zero, pace.WaitOf(bad)); // and all, where there are too many debtors
    }

    /// <summary>Who connects again and again with garbage waits before it is served; then it is.</summary>
    [Fact]
    public async Task Garbage_over_one_connection_after_another_makes_the_next_wait()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.OffencesPerSecondMax = 1);
        for (var i = 0; i < 2; i++)
        {
            using var socket = await port.ConnectAsync();
            await PortUnderTest.SendAsync(socket, new byte[7]);
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await PortUnderTest.ReadToCloseAsync(socket));
            await port.Counted.Reach("connections.closed/BadFrame", i + 1);
        }

        var third = port.ConnectAsync();
        await port.Counted.Reach("connections.delayed", 1);
        Assert.False(third.IsCompleted);
        port.Time.Advance(Second);

        using var served = await third;
        Assert.Equal(WebSocketState.Open, served.State);
    }

    /// <summary>Envelopes that do not verify, from several connections: beyond the budget none of them is looked at until there is room.</summary>
    [Fact]
    public async Task Bad_signatures_of_many_connections_are_looked_at_as_fast_as_the_budget_allows()
    {
        await using var port = await PortUnderTest.StartAsync(static options => (options.RejectsPerSecondMax, options.RejectsMax) = (10, 1000));
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < 3; i++) sockets.Add(await port.ConnectAsync());
        foreach (var socket in sockets) await PortUnderTest.SendAsync(socket, Forged(port, count: 8));

        // Ten, and one for each connection that finds out that there is no room: the last of them waits for its turn with the others.
        await port.Counted.Reach("envelopes.rejected/BadSignature", 11);
        await port.AssertServesAsync();
        Assert.InRange(port.Counted["envelopes.rejected/BadSignature"], 11, 13);
        port.Time.Advance(Second / 2);

        await port.Counted.Reach("envelopes.rejected/BadSignature", 14);
        foreach (var socket in sockets) socket.Dispose();
    }

    /// <summary>Who would have to wait too long for room in the budget is parted with.</summary>
    [Fact]
    public async Task Who_would_have_to_wait_too_long_is_parted_with()
    {
        await using var port = await PortUnderTest.StartAsync(static options => (options.RejectsPerSecondMax, options.RejectsMax) = (1, 1000));
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < 4; i++) sockets.Add(await port.ConnectAsync());
        for (var i = 0; i < 4; i++)
        {
            await PortUnderTest.SendAsync(sockets[i], Forged(port, count: 2));
            await port.Counted.Reach("envelopes.rejected/BadSignature", i + 1);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(sockets[3]));
        await port.Counted.Reach("connections.closed/TooManyRejects", 1);
        foreach (var socket in sockets) socket.Dispose();
    }

    /// <summary>N-8: who is parted with, and goes on sending instead of answering the good-bye, is not read for as long as it may take to answer.</summary>
    [Fact]
    public async Task Who_goes_on_after_the_good_bye_is_cut_off()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.MessageBytesMax = 512 << 10);
        using var socket = await port.ConnectAsync();
        await PortUnderTest.SendAsync(socket, new byte[] { 9, 9, 9 });

        try
        {
            for (var i = 0; i < 64; i++) await PortUnderTest.SendAsync(socket, new byte[64 << 10]);
        }
        catch (WebSocketException)
        {
            // Cut off already.
        }

        await port.Counted.Reach("connections.closed/BadFrame", 1); // and the clock stands still
    }

    /// <summary>C-6: a client that goes on sending what is refused is not listened to for a while; when it has waited, it is.</summary>
    [Fact]
    public async Task Requests_that_are_refused_again_and_again_are_not_looked_at()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.RefusalsPerSecondMax = 5);
        port.Node.IsBusy = true;
        using var socket = await port.ConnectAsync();
        for (var i = 1; i <= 6; i++)
        {
            await PortUnderTest.SendAsync(socket, port.OpenFrame(i));
            await port.Counted.Reach("requests", i);
            await socket.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken).InTime();
        }

        await PortUnderTest.SendAsync(socket, port.OpenFrame(7));
        await port.Counted.Reach("requests.held_back", 1);

        port.Time.Advance(Second);
        await PortUnderTest.SendAsync(socket, port.OpenFrame(8));
        await port.Counted.Reach("requests", 7);
    }

    /// <summary>C-6: so is one that sends the same again and again.</summary>
    [Fact]
    public async Task Requests_that_are_repeated_again_and_again_are_not_looked_at()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.RefusalsPerSecondMax = 5);
        using var socket = await port.ConnectAsync();
        var frame = port.OpenFrame(1);
        for (var i = 1; i <= 20; i++) await PortUnderTest.SendAsync(socket, frame);

        await port.Counted.Reach("requests.held_back", 13); // one is no repetition; five, and the one that is too many, are looked at
        Assert.Equal(7, port.Counted["requests"]);
        await port.AssertServesAsync();
    }

    /// <summary>C-6: a session costs more than a request. Who opens one after another waits, and what it asks for in those it has does not.</summary>
    [Fact]
    public async Task Who_opens_one_session_after_another_waits_with_the_next()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.SessionsPerSecondMax = 5);
        using var socket = await port.ConnectAsync();
        for (var i = 1; i <= 20; i++) await PortUnderTest.SendAsync(socket, port.OpenFrame(i));
        await port.Counted.Reach("requests.held_back", 14);
        Assert.Equal(6, port.Counted["requests"]);

        await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(port.Sealer.SealRequest(new(1), 1, [new byte[1]]).Envelope));
        await port.Counted.Reach("requests", 7);

        port.Time.Advance(Second);
        await PortUnderTest.SendAsync(socket, port.OpenFrame(21));
        await port.Counted.Reach("requests", 8);
        Assert.Equal(14, port.Counted["requests.held_back"]);
    }

    /// <summary>C-6: and where it goes on all the same, nothing more of it is read for a while: reading costs, too.</summary>
    [Fact]
    public async Task Who_goes_on_all_the_same_is_not_read_for_a_while()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.RefusalsPerSecondMax = 5);
        using var socket = await port.ConnectAsync();
        var frame = port.OpenFrame(1);
        for (var i = 1; i <= 7 + 32 + 8; i++) await PortUnderTest.SendAsync(socket, frame);

        await port.Counted.Reach("requests.held_back", 32);
        await port.AssertServesAsync();
        Assert.Equal(32, port.Counted["requests.held_back"]);

        port.Time.Advance(TimeSpan.FromMilliseconds(50));
        await port.Counted.Reach("requests.held_back", 40);
    }

    /// <summary>C-6: but a connection of which others are looked at is read on: under an overload of all, waiting would only have them ask again.</summary>
    [Fact]
    public async Task Who_is_held_back_beside_others_is_read_on()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.RefusalsPerSecondMax = 5);
        using var socket = await port.ConnectAsync();
        using var key = SealedReplicas.KeyOf(102);
        var other = new ClientSealer(port.Replicas.Cluster.Id, key, new WireLimits(port.Replicas.Options));
        var frame = port.OpenFrame(1);
        for (var i = 1; i <= 7; i++) await PortUnderTest.SendAsync(socket, frame);

        for (var i = 1; i <= 80; i++)
        {
            await PortUnderTest.SendAsync(socket, frame);
            if (i % 8 == 0) await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(other.SealOpenSession(i).Envelope));
        }

        await port.Counted.Reach("requests.held_back", 80);
        await port.Counted.Reach("requests", 17);
    }

    private static byte[] Forged(PortUnderTest port, int count) => [.. Enumerable.Range(1, count).SelectMany(i =>
    {
        var envelope = port.Sealer.SealOpenSession(i).Envelope.ToArray();
        envelope[^1] ^= 1;
        return PortUnderTest.Frame(envelope);
    })];
}
