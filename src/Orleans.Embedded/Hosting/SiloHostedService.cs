using Microsoft.Extensions.Hosting;
using Orleans.Execution;

namespace Orleans.Hosting;

/// <summary>Starts the silo with its host, and drains it when the host stops.</summary>
internal sealed class SiloHostedService(Silo silo) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        silo.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => silo.StopAsync(cancellationToken);
}
