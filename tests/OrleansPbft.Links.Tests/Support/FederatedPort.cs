using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>The client port of one silo of a federation, with TLS. Its one replica answers whatever it gets.</summary>
internal sealed class FederatedPort : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FederatedPort(WebApplication app, FakeNode node)
    {
        _app = app;
        Node = node;
        Counted = new(app.Services.GetRequiredService<IMeterFactory>());
    }

    public FakeNode Node { get; }

    public CountedMeasurements Counted { get; }

    public static async Task<FederatedPort> StartAsync(LinkedCluster cluster, int replica, ClientAccess? access = null, KeyPair? keys = null)
    {
        var self = cluster.IdentityOf(replica, keys);
        var node = new FakeNode(cluster.Replicas, access, only: replica);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, self.Addresses[replica].Port, listen => listen.UsePbftTls(self.Certificate)));
        builder.Services.AddSingleton<IClientGateway>(node);
        builder.Services.AddPbftClientPort();
        var app = builder.Build();
        app.MapPbftClientPort();
        await app.StartAsync(TestContext.Current.CancellationToken).InTime();
        return new(app, node);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Counted.Dispose();
    }
}
