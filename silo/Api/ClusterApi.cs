using Microsoft.AspNetCore.Http.HttpResults;
using OrleansPbft.Client;
using OrleansPbft.Grains;

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
        group.MapGet("/v1/replicas/{id:int}", ReadReplicaAsync)
            .Produces<ReplicaStatusDocument>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Where one replica stands, by its own account.");
    }

    private static ContentHttpResult DescribeCluster(PbftCluster cluster) =>
        TypedResults.Text(new ClusterInfo(cluster.Membership, cluster.Options, cluster.Service).ToJson(), "application/json");

    private static async Task<IResult> ReadReplicaAsync(int id, PbftCluster cluster, ClusterStatus status, CancellationToken cancelled)
    {
        var replicas = cluster.Options.Cluster.Replicas;
        return id >= 0 && id < replicas
            ? TypedResults.Ok(await status.ReadAsync(id, cancelled))
            : ProblemMapper.Answer(StatusCodes.Status404NotFound, "not-found", $"There is no replica {id}; there are 0 to {replicas - 1}.");
    }
}
