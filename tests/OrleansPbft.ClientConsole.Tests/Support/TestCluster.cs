using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client;
using OrleansPbft.Grains;
using OrleansPbft.Links;
using OrleansPbft.Silo;
using OrleansPbft.Silo.Api;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>A whole cluster in this process, with what the console needs of a silo: the client port, /v1/cluster, /v1/status, and faults.</summary>
public sealed class TestCluster : IAsyncLifetime
{
    private WebApplication? _app;

    /// <summary>The silo's address; the same after a restart.</summary>
    public string Address { get; private set; } = "http://127.0.0.1:0";

    /// <summary>Changes what /v1/status answers.</summary>
    internal Func<StatusDocument, StatusDocument> StatusIs { get; set; } = static status => status;

    internal TestFaults Faults { get; } = new();

    internal MutableGateway Gateway => (MutableGateway)_app!.Services.GetRequiredService<IClientGateway>();

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts a cluster: a new one each time.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        builder.UseOrleans(static silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddPbft(static options => options.FaultInjection.Enabled = true);
        });
        builder.Services.AddSingleton<ClusterStatus>();
        builder.Services.AddSingleton<ClientGateway>();
        builder.Services.AddSingleton<IClientGateway>(static services => new MutableGateway(services.GetRequiredService<ClientGateway>()));
        builder.Services.AddPbftClientPort();
        var app = builder.Build();
        app.MapPbftClientPort();
        app.MapGet(ClusterInfo.Path, static (PbftCluster cluster) =>
            Results.Text(new ClusterInfo(cluster.Membership, cluster.Options, cluster.Service).ToJson(), "application/json"));
        app.MapGet(StatusDocument.Path, async (ClusterStatus status, CancellationToken cancelled) =>
            Results.Json(StatusIs(await status.ReadAsync(cancelled)), StatusJson.Default.StatusDocument));
        Faults.Map(app);
        TestHistory.Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        Address = app.Urls.Single();
        _app = app;
    }

    /// <summary>Stops it: nobody answers at its address any more.</summary>
    public async Task StopAsync()
    {
        if (_app is not { } app) return;
        _app = null;
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
