using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Execution;

namespace Orleans.Hosting;

/// <summary>Features of a silo.</summary>
public static class CoreHostingExtensions
{
    /// <summary>Lets a grain call run under the caller's <see cref="System.Diagnostics.Activity"/>.</summary>
    /// <param name="builder">The silo.</param>
    /// <remarks>Unlike Orleans, which makes spans of its own for a call, this hands on the caller's span itself.</remarks>
    public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<ActivityPropagation>();
        return builder;
    }

    /// <summary>Names the cluster. There is no network in one process: ports and endpoint are accepted and not used.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="siloPort">Not used.</param>
    /// <param name="gatewayPort">Not used.</param>
    /// <param name="primarySiloEndpoint">Not used.</param>
    /// <param name="serviceId">The service's name.</param>
    /// <param name="clusterId">The cluster's name.</param>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
    }
}
