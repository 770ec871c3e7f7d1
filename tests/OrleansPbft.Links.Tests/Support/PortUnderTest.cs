using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>A real port on a real Kestrel on a loopback port of its own; its clock is the test's, its node is <see cref="FakeNode"/>.</summary>
internal sealed class PortUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly KeyPair _key = SealedReplicas.KeyOf(101);

    private PortUnderTest(WebApplication app, SealedReplicas replicas, FakeNode node, ManualTime time)
    {
        _app = app;
        Replicas = replicas;
        Node = node;
        Time = time;
        Counted = new(app.Services.GetRequiredService<IMeterFactory>());
        Endpoint = new(app.Urls.First());
        Sealer = new(replicas.Cluster.Id, _key, new WireLimits(replicas.Options));
    }

    public Uri Endpoint { get; }

    public SealedReplicas Replicas { get; }

    public FakeNode Node { get; }

    public ManualTime Time { get; }

    public CountedMeasurements Counted { get; }

    /// <summary>Seals requests of the client whose secret is 101.</summary>
    public ClientSealer Sealer { get; }

    public ClientPort Port => _app.Services.GetRequiredService<ClientPort>();

    public static async Task<PortUnderTest> StartAsync(Action<ClientPortOptions>? configure = null, ClientAccess? access = null, int? only = null)
    {
        var replicas = new SealedReplicas();
        var node = new FakeNode(replicas, access, only);
        var time = new ManualTime();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<IClientGateway>(node);
        builder.Services.AddPbftClientPort(configure);
        var app = builder.Build();
        app.MapPbftClientPort();
        app.MapGet(ClusterInfo.Path, () => Results.Text(replicas.Cluster.ToJson(), "application/json"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, replicas, node, time);
    }

    /// <summary>A raw connection, for what a true client never does.</summary>
    public async Task<ClientWebSocket> ConnectAsync(Action<ClientWebSocketOptions>? configure = null, string query = "")
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol(LinkFrame.Subprotocol);
        configure?.Invoke(socket.Options);
        var address = new UriBuilder(new Uri(Endpoint, LinkFrame.ClientPath)) { Scheme = "ws", Query = query }.Uri;
        await socket.ConnectAsync(address, TestContext.Current.CancellationToken).InTime();
        return socket;
    }

    /// <summary>The frame that carries an envelope to a replica.</summary>
    public static byte[] Frame(ReadOnlyMemory<byte> envelope, int to = 0)
    {
        var frame = new byte[LinkFrame.BytesOf(envelope.Length)];
        var writer = new WireWriter(frame);
        LinkFrame.Write(ref writer, new(to), envelope.Span);
        return frame;
    }

    public static Task SendAsync(WebSocket socket, ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary, bool end = true) =>
        socket.SendAsync(message, type, end, TestContext.Current.CancellationToken).AsTask().InTime();

    /// <summary>A frame with a fresh authentic request that opens a session.</summary>
    public byte[] OpenFrame(long nonce) => Frame(Sealer.SealOpenSession(nonce).Envelope);

    /// <summary>Reads to the silo's good-bye, answers it, and says what it was.</summary>
    public static async Task<WebSocketCloseStatus?> ReadToCloseAsync(WebSocket socket)
    {
        var buffer = new byte[1 << 16];
        while ((await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).InTime()).MessageType != WebSocketMessageType.Close)
        {
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken).InTime();
        return socket.CloseStatus;
    }

    /// <summary>A true client opens a session and has an operation executed: the port serves others as it should.</summary>
    public async Task AssertServesAsync()
    {
        using var key = KeyPair.Create();
        await using var connection = await ClusterConnection.ConnectAsync(Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        await using var client = connection.CreateClient(key);
        var outcome = await client.SubmitAsync("op"u8.ToArray(), TestContext.Current.CancellationToken).InTime();
        Assert.Equal("done"u8, outcome.Result.Data.Span);
    }

    /// <summary>A true client reads.</summary>
    public async Task AssertServesReadsAsync()
    {
        using var key = KeyPair.Create();
        await using var connection = await ClusterConnection.ConnectAsync(Endpoint, cancellationToken: TestContext.Current.CancellationToken);
        await using var client = connection.CreateClient(key);
        var read = await client.QueryAsync("get"u8.ToArray(), TestContext.Current.CancellationToken).InTime();
        Assert.Equal("read"u8, read.Result.Data.Span);
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None).InTime();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Counted.Dispose();
        Replicas.Dispose();
        _key.Dispose();
    }
}
