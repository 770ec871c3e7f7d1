using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>A whole cluster in an embedded silo in this process.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private static readonly TimeSpan HangsAfter = TimeSpan.FromMinutes(1);

    private readonly IHost _host;
    private readonly List<TestClient> _clients = [];

    private TestSilo(IHost host) => _host = host;

    public PbftCluster Cluster => _host.Services.GetRequiredService<PbftCluster>();

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public SilencedPeers Peers => (SilencedPeers)_host.Services.GetRequiredService<IPeers>();

    public MachineHosts Machines => _host.Services.GetRequiredService<MachineHosts>();

    public ReplyRouter Replies => _host.Services.GetRequiredService<ReplyRouter>();

    public ProtocolHistory History => _host.Services.GetRequiredService<ProtocolHistory>();

    public PbftInstruments Instruments => _host.Services.GetRequiredService<PbftInstruments>();

    public int Replicas => Cluster.Options.Cluster.Replicas;

    public static async Task<TestSilo> StartAsync(
        int replicas = 4, Action<PbftOptions>? configure = null, Action<IServiceCollection>? services = null, string[]? args = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.Services.AddSingleton<IPeers, SilencedPeers>();
            silo.Services.AddPbftService(RegisterService.ServiceName, static _ => new RegisterService());
            silo.AddPbft(options =>
            {
                options.Replicas = replicas;
                options.Service = RegisterService.ServiceName;
                configure?.Invoke(options);
            });
            services?.Invoke(silo.Services);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new(host);
        }
        catch
        {
            host.Dispose(); // what it had opened, the next start needs
            throw;
        }
    }

    public TestClient Connect(TimeSpan? retransmitAfter = null)
    {
        var client = new TestClient(this, retransmitAfter ?? TimeSpan.FromMilliseconds(200));
        _clients.Add(client);
        return client;
    }

    public Task<ReplicaStatus> StatusOf(int replica) => Grains.GetGrain<IReplicaGrain>(replica).GetStatus();

    public async Task<ReplicaStatus[]> StatusOfAll()
    {
        var all = new List<ReplicaStatus>();
        for (var i = 0; i < Replicas; i++) all.Add(await StatusOf(i));
        return [.. all];
    }

    /// <summary>Waits until a condition holds, looking again whenever others have had the thread. A test that would hang fails instead.</summary>
    public static async Task Eventually(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        var hangs = Stopwatch.StartNew();
        while (!await condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (hangs.Elapsed > HangsAfter) Assert.Fail($"It hangs: this never came to hold: {expression}");
            await Task.Yield();
        }
    }

    /// <summary>Waits until these replicas have executed the same, and returns what they say then.</summary>
    public async Task<ReplicaStatus[]> Converge(ReplicaSet replicas)
    {
        ReplicaStatus[] all = [];
        await Eventually(async () =>
        {
            all = [.. (await StatusOfAll()).Where(status => replicas.Contains(new(status.Id)))];
            return all.All(status => status.LastExecuted == all[0].LastExecuted && status is { Pending: 0, InFlight: 0 });
        });
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
