using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Links;

namespace OrleansPbft.Silo.Api;

/// <summary>Ready means that the silo can get answers: at least a quorum of replicas work, the primary among them.</summary>
/// <remarks>In a federation: its own replica works, and has links to as many others as a quorum needs beside it.</remarks>
internal sealed class QuorumHealthCheck(ClusterStatus status, PbftCluster cluster, IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = await status.ReadAsync(cancellationToken);
        var working = now.Replicas.Where(static replica => replica.State == nameof(ReplicaCondition.Normal)).Select(static replica => replica.Id).ToArray();
        if (services.GetService<ReplicaLinks>() is { } links)
        {
            var told = $"replica {cluster.Hosted[0].Index} {(working.Length == 1 ? "works" : "does not work")}, "
                + $"with links to {links.Open} of {now.N - 1} others; {now.Quorum - 1} are needed";
            return working.Length == 1 && links.Open >= now.Quorum - 1 ? HealthCheckResult.Healthy(told) : HealthCheckResult.Unhealthy(told);
        }

        var description = $"{working.Length} of {now.N} replicas work, {now.Quorum} are needed; primary {now.Primary}";
        return working.Length >= cluster.Options.Cluster.Quorum && working.Contains(now.Primary)
            ? HealthCheckResult.Healthy(description)
            : HealthCheckResult.Unhealthy(description);
    }

    /// <summary>Writes <c>{"status", "detail"}</c>.</summary>
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        var detail = string.Join("; ", report.Entries.Values.Select(static entry => entry.Description));
        var document = new HealthDocument(report.Status.ToString(), detail.Length > 0 ? detail : "the process answers");
        return JsonSerializer.SerializeAsync(context.Response.Body, document, ApiJson.Default.HealthDocument, context.RequestAborted);
    }
}
