using System.Net;
using System.Net.WebSockets;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>True clients on a real port.</summary>
public sealed class ClientPortTests
{
    [Fact]
    public async Task A_client_opens_a_session_and_is_answered()
    {
        await using var port = await PortUnderTest.StartAsync();

        await port.AssertServesAsync();

        Assert.Equal(2, port.Counted["requests"]);
        await port.Counted.Reach("connections.closed/ByClient", 1);
        Assert.Empty(port.Node.Clients);
    }

    /// <summary>Many clients share one connection; a bench with 64 clients in one process needs no 64 sockets.</summary>
    [Fact]
    public async Task Many_clients_share_one_connection()
    {
        await using var port = await PortUnderTest.StartAsync();
        await using var connection = await ClusterConnection.ConnectAsync(port.Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        var keys = Enumerable.Range(0, 16).Select(static _ => KeyPair.Create()).ToArray();
        var clients = keys.Select(key => connection.CreateClient(key)).ToArray();

        var outcomes = await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, 8).Select(
            _ => client.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken)))).InTime();

        Assert.Equal(16 * 8, outcomes.Select(static outcome => outcome.Sequence).Distinct().Count());
        Assert.Equal(1, port.Counted["connections"]);
        foreach (var client in clients) await client.DisposeAsync();
        foreach (var key in keys) key.Dispose();
    }

    /// <summary>Two clients with one key: each has a session of its own and its own answers.</summary>
    [Fact]
    public async Task Two_clients_with_one_key_do_not_disturb_each_other()
    {
        await using var port = await PortUnderTest.StartAsync();
        await using var connection = await ClusterConnection.ConnectAsync(port.Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        using var key = KeyPair.Create();
        await using var one = connection.CreateClient(key);
        await using var other = connection.CreateClient(key);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            i => (i % 2 == 0 ? one : other).SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken))).InTime();

        Assert.Equal(10, outcomes.Select(static outcome => outcome.Sequence).Distinct().Count());
    }

    /// <summary>The silo restarts with other keys: it is another cluster, and the client says so at once.</summary>
    [Fact]
    public async Task A_silo_that_serves_another_cluster_is_not_mistaken_for_the_old_one()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var others = new SealedReplicas(firstSecret: 11);
        await using var connection = new ClusterConnection(port.Endpoint, others.Cluster);
        using var key = KeyPair.Create();
        await using var client = connection.CreateClient(key);

        var failure = await Assert.ThrowsAsync<PbftConnectionException>(
            () => client.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken).InTime());

        Assert.Contains("another cluster", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.MayHaveExecuted);
        Assert.Equal(1, port.Counted["connections.refused/OtherCluster"]);
    }

    /// <summary>Rule C-1: in the access mode Listed others are told that they are not served, at once and not by a time-out; they disturb nobody.</summary>
    [Fact]
    public async Task A_client_that_is_not_listed_is_told_so()
    {
        using var listed = KeyPair.Create();
        using var stranger = KeyPair.Create();
        await using var port = await PortUnderTest.StartAsync(access: ClientAccess.Listed([listed.PublicKey.ClientId]));
        await using var connection = await ClusterConnection.ConnectAsync(port.Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        await using var known = connection.CreateClient(listed);
        await using var unknown = connection.CreateClient(stranger);

        var write = await Assert.ThrowsAsync<PbftNotListedException>(() => unknown.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken).InTime());
        var read = await Assert.ThrowsAsync<PbftNotListedException>(() => unknown.QueryAsync("get"u8.ToArray(), TestContext.Current.CancellationToken).InTime());

        Assert.Contains(stranger.PublicKey.ClientId.ToString(), write.Message, StringComparison.Ordinal);
        Assert.Contains("clients.txt", read.Message, StringComparison.Ordinal);
        Assert.True(port.Counted["envelopes.rejected/ClientNotAllowed"] >= 2);
        var written = await known.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken).InTime();
        var answer = await known.QueryAsync("get"u8.ToArray(), TestContext.Current.CancellationToken).InTime();
        Assert.Equal("done"u8, written.Result.Data.Span);
        Assert.Equal("read"u8, answer.Result.Data.Span);
    }

    /// <summary>A lost connection is made again, and what was in flight is asked again.</summary>
    [Fact]
    public async Task A_client_connects_again_and_asks_again()
    {
        await using var port = await PortUnderTest.StartAsync();
        await using var connection = await ClusterConnection.ConnectAsync(port.Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        using var key = KeyPair.Create();
        await using var client = connection.CreateClient(key);
        await client.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken).InTime();
        while (port.Node.Delivered.Reader.TryRead(out _))
        {
        }

        port.Node.Answers = false;
        var task = client.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken);
        var (_, first) = await port.Node.Delivered.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();
        port.Node.Answers = true;
        port.Time.Advance(TimeSpan.FromMinutes(6)); // idle for too long, thinks the port, and hangs up

        await task.InTime();
        var (_, again) = await port.Node.Delivered.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal(first.Id, again.Id);
        Assert.True(first.Envelope.Span.SequenceEqual(again.Envelope.Span));
        Assert.Equal(1, port.Counted["connections.closed/Idle"]);
    }

    /// <summary>A silo that stops says good-bye to everybody and does not wait for them.</summary>
    [Fact]
    public async Task A_silo_that_stops_says_good_bye()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await port.ConnectAsync();
        await PortUnderTest.SendAsync(socket, port.OpenFrame(1));
        await port.Counted.Reach("requests", 1);

        var stop = port.StopAsync();
        var status = await PortUnderTest.ReadToCloseAsync(socket);

        await stop;
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, status);
        Assert.Equal(1, port.Counted["connections.closed/Shutdown"]);
    }

    [Theory]
    [InlineData("cluster=00000000000000000000000000000000", null, null, HttpStatusCode.MisdirectedRequest, "OtherCluster")]
    [InlineData("", "other.protocol", null, HttpStatusCode.BadRequest, "OtherProtocol")]
    [InlineData("", null, "http://evil.example", HttpStatusCode.Forbidden, "OtherOrigin")]
    public async Task A_handshake_that_is_not_meant_for_this_port_is_refused(
        string query, string? protocol, string? origin, HttpStatusCode expected, string reason)
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol(protocol ?? LinkFrame.Subprotocol);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        var address = new UriBuilder(new Uri(port.Endpoint, LinkFrame.ClientPath)) { Scheme = "ws", Query = query }.Uri;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, TestContext.Current.CancellationToken).InTime());

        Assert.Equal(expected, socket.HttpStatusCode);
        Assert.Equal(1, port.Counted[$"connections.refused/{reason}"]);
        await port.AssertServesAsync();
    }

    [Fact]
    public async Task Plain_HTTP_is_told_what_this_is()
    {
        await using var port = await PortUnderTest.StartAsync();
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(port.Endpoint, LinkFrame.ClientPath), TestContext.Current.CancellationToken).InTime();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }
}
