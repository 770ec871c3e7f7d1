using OrleansPbft.Client;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/live</c> and <c>/v1/journal</c>: how fast the cluster is just now, and what its journals hold.</summary>
internal static class LiveApi
{
    public static void MapLiveApi(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("What happened");
        group.MapGet(LiveDocument.Path, Measure)
            .Produces<LiveDocument>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How many operations are executed in a second, how long they and the phases take, and how that was over the last two minutes.");
        group.MapGet(JournalListDocument.Path, static (ClusterJournals journals) => TypedResults.Ok(journals.Describe()))
            .WithSummary("How large the journals of this silo's replicas are, and how long it takes to make something durable; none where nothing is kept.");
    }

    private static IResult Measure(ProtocolHistory history) => TracesApi.FindOff(history) ?? TypedResults.Ok(history.Measure());
}
