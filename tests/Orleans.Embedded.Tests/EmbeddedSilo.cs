using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Execution;
using OrleansPbft.Tests;

namespace Orleans.Embedded.Tests;

/// <summary>A host with a silo in this process, on time that the test moves.</summary>
internal sealed class EmbeddedSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private EmbeddedSilo(IHost host, ManualTime time, CapturedLog log)
    {
        _host = host;
        Time = time;
        Log = log;
    }

    public ManualTime Time { get; }

    public CapturedLog Log { get; }

    public IClusterClient Client => _host.Services.GetRequiredService<IClusterClient>();

    public Silo Silo => _host.Services.GetRequiredService<Silo>();

    public Probe Probe => _host.Services.GetRequiredService<Probe>();

    public static EmbeddedSilo Build(Action<ISiloBuilder>? configure = null)
    {
        var time = new ManualTime();
        var log = new CapturedLog();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<Probe>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            configure?.Invoke(silo);
        });
        return new EmbeddedSilo(builder.Build(), time, log);
    }

    public static async Task<EmbeddedSilo> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var silo = Build(configure);
        await silo.StartAsync();
        return silo;
    }

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Probe.OpenAllGates();
        await _host.StopAsync();
        _host.Dispose();
    }
}
