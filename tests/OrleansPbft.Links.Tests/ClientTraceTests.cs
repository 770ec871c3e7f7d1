using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>The trace context of a client's request: beside what is signed, bounded, never trusted, and nothing that an older silo would stumble over.</summary>
public sealed class ClientTraceTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_requests_trace_goes_along_with_it()
    {
        await using var port = await PortUnderTest.StartAsync();
        await using var transport = new WebSocketClusterTransport(port.Endpoint, port.Replicas.Cluster);
        await ConnectAsync(transport);

        Assert.True(transport.Send(ReplicaSet.Empty.With(new(0)).With(new(2)), port.Sealer.SealOpenSession(1).Envelope, Trace));
        Assert.True(transport.Send(ReplicaSet.Empty.With(new(1)), port.Sealer.SealOpenSession(2).Envelope, traceParent: null));
        Assert.True(transport.Send(ReplicaSet.Empty.With(new(1)), port.Sealer.SealOpenSession(3).Envelope, "not a trace context"));

        await port.Counted.Reach("requests", 4);
        Assert.Equal([Trace, Trace, null, null], port.Node.Traces);
    }

    /// <summary>Whatever is written where a trace context should be: the request is the same with it or without.</summary>
    [Theory]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("zz-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz")]
    [InlineData("                                                       ")]
    public async Task A_trace_that_is_none_changes_nothing(string text)
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await ConnectRawAsync(port);

        await PortUnderTest.SendAsync(socket, (byte[])[.. Notice(text), .. port.OpenFrame(1)]);

        await port.Counted.Reach("requests", 1);
        Assert.Equal([text], port.Node.Traces);
    }

    /// <summary>What is neither a frame nor a notice ends the connection; the next client is served.</summary>
    [Theory]
    [InlineData("a notice of another length")]
    [InlineData("a notice that steers a terminal")]
    [InlineData("a notice behind a notice")]
    [InlineData("a notice and nothing behind it")]
    [InlineData("a notice of what only silos say")]
    public async Task What_is_no_notice_is_no_frame(string what)
    {
        await using var port = await PortUnderTest.StartAsync();
        using var socket = await ConnectRawAsync(port);
        byte[] message = what switch
        {
            "a notice of another length" => [.. Notice(Trace + "0"), .. port.OpenFrame(1)],
            "a notice that steers a terminal" => [.. Notice("\u001b" + Trace[1..]), .. port.OpenFrame(1)],
            "a notice behind a notice" => [.. Notice(Trace), .. Notice(Trace), .. port.OpenFrame(1)],
            "a notice and nothing behind it" => Notice(Trace),
            _ => [.. Frame(LinkNotice.OfNotListed(new(7))), .. port.OpenFrame(1)],
        };

        await PortUnderTest.SendAsync(socket, message);

        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await PortUnderTest.ReadToCloseAsync(socket));
        Assert.Equal(1, port.Counted["connections.closed/BadFrame"]);
        Assert.Empty(port.Node.Traces);
        await port.AssertServesAsync();
    }

    /// <summary>A silo that knows v1 only is sent no notice, and serves a client that would have one.</summary>
    [Fact]
    public async Task A_silo_of_before_is_sent_what_it_knows()
    {
        using var replicas = new SealedReplicas();
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            Assert.Contains(LinkFrame.Subprotocol, context.WebSockets.WebSocketRequestedProtocols);
            using var socket = await context.WebSockets.AcceptWebSocketAsync(LinkFrame.Subprotocol);
            var buffer = new byte[1024];
            var message = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            received.SetResult(buffer[..message.Count]);
            await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        await using var transport = new WebSocketClusterTransport(new(app.Urls.Single()), replicas.Cluster);
        await ConnectAsync(transport);

        Assert.True(transport.Send(ReplicaSet.Empty.With(new(0)), new byte[] { 1, 2, 3 }, Trace));

        Assert.Equal(PortUnderTest.Frame(new byte[] { 1, 2, 3 }), await received.Task.InTime());
    }

    private static Task<ClientWebSocket> ConnectRawAsync(PortUnderTest port) =>
        port.ConnectAsync(static options => options.AddSubProtocol(LinkFrame.SubprotocolWithTraces));

    private static byte[] Notice(string text) => Frame([2, .. Encoding.ASCII.GetBytes(text)]);

    private static byte[] Frame(byte[] notice) => PortUnderTest.Frame(notice, to: LinkNotice.Replica);

    private static async Task ConnectAsync(WebSocketClusterTransport transport)
    {
        transport.Connect();
        while (transport.State != TransportState.Connected)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
