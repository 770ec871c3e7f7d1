using Microsoft.AspNetCore.Http.HttpResults;
using OrleansPbft.Client;
using OrleansPbft.Grains;
using OrleansPbft.Links;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/cluster</c>, <c>/v1/status</c>, <c>/v1/replicas</c>: who the replicas are, and where they stand.</summary>
internal static class ClusterApi
{
    public static void MapClusterApi(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Cluster");
        group.MapGet(ClusterInfo.Path, DescribeCluster)
            .Produces<ClusterDocument>()
            .WithSummary("Who the replicas are, and what clients must know of the cluster. A client that trusts this trusts the silo that answers.");
        group.MapGet(StatusDocument.Path, static (ClusterStatus status, CancellationToken cancelled) => status.ReadAsync(cancelled))
            .WithSummary("Where every replica stands, by its own account.");
        if (endpoints.ServiceProvider.GetService<ReplicaLinks>() is { } links)
        {
            group.MapGet("/v1/links", () => links.GetStatus())
                .WithSummary("How the links with each peer of the federation are, and why where they are not.");
        }

        group.MapGet("/v1/replicas/{id:int}", ReadReplicaAsync)
            .Produces<ReplicaStatusDocument>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Where one replica stands, by its own account.");
    }

    private static ContentHttpResult DescribeCluster(PbftCluster cluster) =>
        TypedResults.Text(new ClusterInfo(cluster.Membership, cluster.Options, cluster.Service).ToJson(), "application/json");

    private static async Task<IResult> ReadReplicaAsync(int id, PbftCluster cluster, ClusterStatus status, CancellationToken cancelled) =>
        FindMissing(id, cluster) ?? TypedResults.Ok(await status.ReadAsync(id, cancelled));

    /// <summary>The problem of a replica that is not of this silo; null where it is.</summary>
    public static IResult? FindMissing(int id, PbftCluster cluster)
    {
        if (id >= 0 && cluster.Hosts(new(id))) return null;
        var replicas = cluster.Options.Cluster.Replicas;
        var detail = cluster.Hosted.Length == replicas
            ? $"There is no replica {id}; there are 0 to {replicas - 1}."
            : $"This silo has replica {cluster.Hosted[0].Index} only; each other is at its own organisation's silo.";
        return ProblemMapper.Answer(StatusCodes.Status404NotFound, "not-found", detail);
    }
}
