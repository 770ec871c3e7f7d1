using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansPbft.Links.Tests;

/// <summary>A silo with a true key that answers on the links of its peers.</summary>
internal sealed class TalkativeSilo(WebApplication app) : IAsyncDisposable
{
    public static async Task<TalkativeSilo> StartAsync(LinkIdentity self)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, self.Addresses[self.Replica.Index].Port, listen => listen.UsePbftTls(self.Certificate)));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(ReplicaProtocol.Subprotocol);
            await socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, true, context.RequestAborted);
            await socket.ReceiveAsync(new byte[16], context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
