using System.Net.WebSockets;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>Rules A-4, N-8; LESSONS B37: what a hostile client does costs it its connection, is counted, and costs nobody else anything.</summary>
public sealed class HostileClientTests
{
    /// <summary>Bytes that are no frames end the connection: nothing can be said of what follows.</summary>
    [Theory]
    [InlineData(new byte[] { }, "Truncated")]
    [InlineData(new byte[] { 1, 2 }, "Truncated")]
    [InlineData(new byte[] { 200, 0, 0, 0, 0, 1, 2, 3 }, "Truncated")]
    [InlineData(new byte[] { 255, 255, 255, 255, 0 }, "TooLarge")]
    [InlineData(new byte[] { 1, 0, 0, 0, 4, 1 }, "SenderNotInCluster")]
    public async Task Bytes_that_are_no_frames_end_the_connection(byte[] message, string reason)
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();

        await PortUnderTest.SendAsync(socket, message);

        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await PortUnderTest.ReadToCloseAsync(socket));
        Assert.Equal(1, port.Counted[$"envelopes.rejected/{reason}"]);
        await AssertOnlyOthersAreServedAsync(port);
    }

    /// <summary>A message is refused as soon as it is too long, before its end has come.</summary>
    [Fact]
    public async Task A_message_that_is_too_long_ends_the_connection()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.MessageBytesMax = 8192);
        using var socket = await port.ConnectAsync();

        await PortUnderTest.SendAsync(socket, new byte[9000], end: false);

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await PortUnderTest.ReadToCloseAsync(socket));
        Assert.Equal(1, port.Counted["envelopes.rejected/TooLarge"]);
        await AssertOnlyOthersAreServedAsync(port);
    }

    [Fact]
    public async Task Text_ends_the_connection()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();

        await PortUnderTest.SendAsync(socket, "{\"hello\":1}"u8.ToArray(), WebSocketMessageType.Text);

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await PortUnderTest.ReadToCloseAsync(socket));
        await AssertOnlyOthersAreServedAsync(port);
    }

    /// <summary>LESSONS B37: only a client's REQUEST passes. Everything else is counted by its reason, and never reaches a replica.</summary>
    [Fact]
    public async Task Only_authentic_requests_pass()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();
        using var others = new SealedReplicas(firstSecret: 11);
        using var key = KeyPair.Create();
        var limits = new WireLimits(port.Replicas.Options);
        var honest = port.Sealer.SealOpenSession(5).Envelope.ToArray();
        var unsigned = honest[..^64];
        unsigned[^1] = 0;
        var altered = (byte[])honest.Clone();
        altered[^1] ^= 1;
        var unknownKind = (byte[])honest.Clone();
        unknownKind[1] = 99;
        byte[][] envelopes =
        [
            port.Replicas.Seal(0, new(new(1), new(1), 1), ReplyStatus.Executed, SealedReplicas.Results("lie")), // a REPLY, of a true replica
            new ClientSealer(others.Cluster.Id, key, limits).SealOpenSession(5).Envelope.ToArray(), // for another cluster
            unsigned,
            altered,
            unknownKind,
            [.. honest, 0],
            honest[..^1],
            [],
        ];

        await PortUnderTest.SendAsync(socket, envelopes.SelectMany(static envelope => PortUnderTest.Frame(envelope)).ToArray());
        await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(honest, to: 2));

        await port.Counted.Reach("requests", 1);
        Assert.Equal(
            [1, 1, 1, 1, 1, 1, 2],
            new[] { "WrongSender", "WrongCluster", "NoSignature", "BadSignature", "UnknownKind", "TrailingBytes", "Truncated" }
                .Select(reason => port.Counted[$"envelopes.rejected/{reason}"]));
        var (to, request) = await port.Node.Delivered.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal((2, 5L), (to.Index, request.Id.Number));
        Assert.False(port.Node.Delivered.Reader.TryRead(out _));
        await port.AssertServesAsync();
    }

    /// <summary>A silo of a federation has one replica: requests for the others go to their own silos.</summary>
    [Fact]
    public async Task Requests_for_replicas_of_other_silos_do_not_pass()
    {
        await using var port = await PortUnderTest.StartAsync(only: 2);
        using var socket = await port.ConnectAsync();
        var request = port.Sealer.SealOpenSession(5).Envelope;

        await PortUnderTest.SendAsync(socket, Enumerable.Range(0, 4).SelectMany(i => PortUnderTest.Frame(request, to: i)).ToArray());

        await port.Counted.Reach("envelopes.rejected/SenderNotInCluster", 3); // the last of them is replica 3's
        Assert.Equal(1, port.Counted["requests"]);
        var (to, _) = await port.Node.Delivered.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal(2, to.Index);
    }

    /// <summary>READs are held to the same as REQUESTs, and a replica's answer to one is no client's message.</summary>
    [Fact]
    public async Task Only_authentic_reads_pass()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();
        using var others = new SealedReplicas(firstSecret: 11);
        using var key = KeyPair.Create();
        var honest = port.Sealer.SealRead(5, ["get"u8.ToArray()]).Envelope.ToArray();
        var altered = (byte[])honest.Clone();
        altered[^1] ^= 1;
        var relabelled = (byte[])honest.Clone();
        relabelled[1] = (byte)MessageKind.Request;
        var tooLong = (byte[])honest.Clone();
        tooLong.AsSpan(83, 4).Fill(0xFF);
        byte[][] envelopes =
        [
            port.Replicas.SealRead(0, port.Sealer.Client, 5, SealedReplicas.Results("lie")),
            new ClientSealer(others.Cluster.Id, key, new WireLimits(port.Replicas.Options)).SealRead(5, ["get"u8.ToArray()]).Envelope.ToArray(),
            altered,
            relabelled,
            tooLong,
            honest[..^1],
        ];

        await PortUnderTest.SendAsync(socket, envelopes.SelectMany(static envelope => PortUnderTest.Frame(envelope)).ToArray());
        await PortUnderTest.SendAsync(socket, Enumerable.Range(0, 4).SelectMany(i => PortUnderTest.Frame(honest, to: i)).ToArray());

        await port.Counted.Reach("requests", 4);
        Assert.Equal(
            [1, 1, 2, 1, 1],
            new[] { "WrongSender", "WrongCluster", "BadSignature", "TooLarge", "Truncated" }.Select(reason => port.Counted[$"envelopes.rejected/{reason}"]));
        Assert.Equal(4, port.Node.Reads);
        Assert.Contains(port.Sealer.Client, port.Node.Clients);
        await port.AssertServesReadsAsync();
    }

    /// <summary>Verifying what is wrong costs as much as verifying what is right, so nobody may have it done for ever.</summary>
    [Fact]
    public async Task Too_many_rejects_end_the_connection()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.RejectsMax = 10);
        using var socket = await port.ConnectAsync();
        var forged = port.Sealer.SealOpenSession(5).Envelope.ToArray();
        forged[^1] ^= 1;

        await PortUnderTest.SendAsync(socket, Enumerable.Repeat(PortUnderTest.Frame(forged), 20).SelectMany(static frame => frame).ToArray());

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(socket));
        Assert.Equal(11, port.Counted["envelopes.rejected/BadSignature"]);
        await port.Counted.Reach("connections.closed/TooManyRejects", 1);
        await AssertOnlyOthersAreServedAsync(port);
    }

    /// <summary>Random bytes, whole or in frames: nothing passes, nothing breaks.</summary>
    [Fact]
    public async Task Random_bytes_reach_no_replica()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.OffencesPerSecondMax = 1_000_000);
        var random = new Random(20260101);
        var honest = port.Sealer.SealOpenSession(5).Envelope.ToArray();
        for (var i = 0; i < 30; i++)
        {
            using var socket = await port.ConnectAsync();
            var bytes = new byte[random.Next(1, 2000)];
            random.NextBytes(bytes);
            await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(bytes, to: i % 4));
            var flipped = (byte[])honest.Clone();
            flipped[random.Next(flipped.Length)] ^= (byte)random.Next(1, 256);
            await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(flipped));
            await PortUnderTest.SendAsync(socket, bytes);
            await PortUnderTest.ReadToCloseAsync(socket);
        }

        Assert.Equal(0, port.Counted["requests"]);
        await AssertOnlyOthersAreServedAsync(port);
    }

    /// <summary>A request replayed a thousand times is one request: delivered and answered again, executed once.</summary>
    [Fact]
    public async Task A_replayed_request_is_executed_once()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();
        var frame = port.OpenFrame(9);

        for (var i = 0; i < 10; i++)
        {
            await PortUnderTest.SendAsync(socket, Enumerable.Repeat(frame, 100).SelectMany(static bytes => bytes).ToArray());
        }

        await port.Counted.Reach("requests", 1000);
        Assert.Equal(1, port.Node.Executed);
        await port.AssertServesAsync();
    }

    /// <summary>A client that never reads keeps a bounded amount of replies waiting, then loses the oldest, then its connection.</summary>
    [Fact]
    public async Task A_client_that_never_reads_loses_replies_and_then_its_connection()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.ReplyBytesMax = 64 << 10);
        using var socket = await port.ConnectAsync();
        await PortUnderTest.SendAsync(socket, port.OpenFrame(9));
        await port.Counted.Reach("requests", 1);
        var client = port.Sealer.Client;

        // Until what the operating system buffers is full, which is its own affair; then a message stays unread while the clock runs.
        var reply = new byte[60_000];
        for (var i = 0; i < 1_000_000 && port.Counted["connections.closed/NotReading"] == 0; i++)
        {
            port.Node.Send(client, from: i % 4, reply);
            port.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        await port.Counted.Reach("connections.closed/NotReading", 1);
        Assert.NotEqual(0, port.Counted["replies.dropped"]);
        Assert.DoesNotContain(client, port.Node.Clients);
        await port.AssertServesAsync();
    }

    /// <summary>Connections that say nothing are closed; half a message does not keep one open either.</summary>
    [Fact]
    public async Task Connections_without_a_request_are_closed()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var silent = await port.ConnectAsync();
        using var half = await port.ConnectAsync();
        await PortUnderTest.SendAsync(half, port.OpenFrame(9).AsMemory(0, 20), end: false);
        await port.Counted.Reach("connections", 2);

        port.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(silent));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(half));
        await port.Counted.Reach("connections.closed/Idle", 2);
        await port.AssertServesAsync();
    }

    /// <summary>A message that is begun must be ended, by a client that is known too.</summary>
    [Fact]
    public async Task A_message_that_never_ends_ends_the_connection()
    {
        await using var port = await PortUnderTest.StartAsync(static options =>
        {
            options.MessageTimeout = TimeSpan.FromMilliseconds(10);
            options.IdleTimeout = options.FirstRequestTimeout = options.CloseTimeout = TimeSpan.FromDays(1);
        });
        using var socket = await port.ConnectAsync();
        await PortUnderTest.SendAsync(socket, port.OpenFrame(9));
        await port.Counted.Reach("requests", 1);
        await PortUnderTest.SendAsync(socket, port.OpenFrame(10).AsMemory(0, 20), end: false);
        var closing = PortUnderTest.ReadToCloseAsync(socket);

        // When the port has seen the half message is the network's affair, so the clock moves until it has.
        while (!closing.IsCompleted)
        {
            port.Time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await closing);
        await port.Counted.Reach("connections.closed/MessageTimeout", 1);
    }

    /// <summary>There are only so many connections; when one ends there is room for another.</summary>
    [Fact]
    public async Task Connections_beyond_the_limit_are_refused()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.ConnectionsMax = 3);
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < 3; i++) sockets.Add(await port.ConnectAsync());

        for (var i = 0; i < 20; i++) await Assert.ThrowsAsync<WebSocketException>(() => port.ConnectAsync());

        Assert.Equal(20, port.Counted["connections.refused/TooManyConnections"]);
        foreach (var socket in sockets) socket.Abort();
        await port.Counted.Reach("connections.closed/Lost", 3);
        await port.AssertServesAsync();
        foreach (var socket in sockets) socket.Dispose();
    }

    /// <summary>A client that vanishes in the middle of everything leaves nothing behind.</summary>
    [Fact]
    public async Task A_client_that_vanishes_leaves_nothing_behind()
    {
        await using var port = await PortUnderTest.StartAsync();
        for (var i = 1; i <= 10; i++)
        {
            using var socket = await port.ConnectAsync();
            await PortUnderTest.SendAsync(socket, port.OpenFrame(i));
            await PortUnderTest.SendAsync(socket, port.OpenFrame(100 + i).AsMemory(0, 30), end: false);
            socket.Abort();
        }

        await port.Counted.Reach("connections.closed/Lost", 10);
        Assert.Empty(port.Node.Clients);
        Assert.Equal(0, port.Counted["connections"]);
        await port.AssertServesAsync();
    }

    /// <summary>N-8: one connection registers only so many clients; the first make room, and come back with their next request.</summary>
    [Fact]
    public async Task A_connection_registers_only_so_many_clients()
    {
        await using var port = await PortUnderTest.StartAsync(static options => options.ClientsPerConnectionMax = 4);
        using var socket = await port.ConnectAsync();
        var limits = new WireLimits(port.Replicas.Options);
        var keys = Enumerable.Range(0, 6).Select(static _ => KeyPair.Create()).ToArray();
        foreach (var key in keys)
        {
            await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(new ClientSealer(port.Node.Cluster, key, limits).SealOpenSession(1).Envelope));
        }

        await port.Counted.Reach("requests", 6);

        Assert.Equal(
            keys[2..].Select(static key => key.PublicKey.ClientId).Order(),
            port.Node.Clients.Order());
        foreach (var key in keys) key.Dispose();
    }

    private static async Task AssertOnlyOthersAreServedAsync(PortUnderTest port)
    {
        Assert.False(port.Node.Delivered.Reader.TryRead(out _));
        await port.AssertServesAsync();
    }
}
