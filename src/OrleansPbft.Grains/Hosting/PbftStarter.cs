using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansPbft.Grains;

/// <summary>Activates all replicas and leaders once the silo runs: no request has to, and the cluster is ready when the host is.</summary>
internal sealed class PbftStarter(
    PbftCluster cluster, IGrainFactory grains, IOptions<PbftOptions> options, IHostEnvironment environment, ILogger<PbftStarter> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var replicas = cluster.Options.Cluster.Replicas;
        var started = new List<Task>(2 * replicas);
        for (var i = 0; i < replicas; i++)
        {
            started.Add(grains.GetGrain<ILeaderGrain>(i).GetStatus());
            started.Add(grains.GetGrain<IReplicaGrain>(i).GetStatus());
        }

        await Task.WhenAll(started).WaitAsync(cancellationToken);
        log.ClusterStarted(cluster.Id, cluster.Options.Cluster, cluster.Service);
        if (options.Value.FaultInjection.Enabled && !environment.IsDevelopment()) log.FaultsEnabled();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
