using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansPbft.Grains;

/// <summary>Activates this process's replicas and leaders once the silo runs: no request has to, and the cluster is ready when the host is.</summary>
internal sealed class PbftStarter(
    PbftCluster cluster, IGrainFactory grains, IOptions<PbftOptions> options, IHostEnvironment environment, ILogger<PbftStarter> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = new List<Task>(2 * cluster.Hosted.Length);
        foreach (var replica in cluster.Hosted)
        {
            started.Add(grains.GetGrain<ILeaderGrain>(replica.Index).GetStatus());
            started.Add(grains.GetGrain<IReplicaGrain>(replica.Index).GetStatus());
        }

        await Task.WhenAll(started).WaitAsync(cancellationToken);
        log.ClusterStarted(cluster.Id, cluster.Options.Cluster, cluster.Service, options.Value.Durability);
        if (options.Value.FaultInjection.Enabled && !environment.IsDevelopment()) log.FaultsEnabled();
        if (options.Value.FaultInjection.ClockOffset is var offset && offset != TimeSpan.Zero) log.ClockIsOff(offset);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
