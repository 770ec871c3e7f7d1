using System.Reflection;
using OpenTelemetry.Resources;
using OrleansPbft.Client;

namespace OrleansPbft.Telemetry;

/// <summary>Who exports: what OpenTelemetry calls the resource, equal on all traces, metrics and logs of a process.</summary>
/// <param name="ServiceName">The attribute <c>service.name</c>, where <c>OTEL_SERVICE_NAME</c> says no other.</param>
public sealed record TelemetryResource(string ServiceName)
{
    /// <summary>The name of a silo.</summary>
    public const string Silo = "orleanspbft-silo";

    /// <summary>The name of the console.</summary>
    public const string Console = "orleanspbft-client";

    /// <summary>The attribute that names the cluster.</summary>
    public const string ClusterAttribute = "pbft.cluster";

    /// <summary>The attribute <c>service.instance.id</c>: drawn anew for each process, unless it is given.</summary>
    public string InstanceId { get; init; } = Guid.NewGuid().ToString();

    /// <summary>The replica of this process; null where it has none, or several, whose spans and measurements then say whose they are.</summary>
    public int? Replica { get; init; }

    /// <summary>The cluster's id; null where it is drawn anew with every start.</summary>
    public string? Cluster { get; init; }

    /// <summary>The resource of a federation's silo: the same after every restart.</summary>
    public static TelemetryResource OfReplica(int replica, string cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new(Silo) { InstanceId = $"{cluster}/replica-{replica}", Replica = replica, Cluster = cluster };
    }

    /// <summary>Says all of it; the environment (<c>OTEL_SERVICE_NAME</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>) has the last word.</summary>
    internal void Describe(ResourceBuilder resource)
    {
        var version = typeof(TelemetryResource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        resource.Clear().AddTelemetrySdk().AddService(ServiceName, serviceVersion: version, serviceInstanceId: InstanceId);
        if (Replica is { } replica) resource.AddAttributes([new(PbftTelemetry.Replica, (long)replica)]);
        if (Cluster is { } cluster) resource.AddAttributes([new(ClusterAttribute, cluster)]);
        resource.AddEnvironmentVariableDetector();
    }
}
