using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary><c>POST /v1/operations</c>: one operation, as bytes, for whatever service is replicated.</summary>
internal static class OperationsApi
{
    public static void MapOperationsApi(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/v1/operations", SubmitAsync)
            .RequireRateLimiting(HttpApi.OperationsPolicy)
            .WithTags("Operations")
            .Produces<OperationAnswer>()
            .ProducesOrderingProblems()
            .WithSummary("Has one operation, in the encoding of the replicated service, ordered and executed.");

    /// <summary>What every ordered operation can end in beside its answer.</summary>
    public static RouteHandlerBuilder ProducesOrderingProblems(this RouteHandlerBuilder route) => route
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>The problem of an operation that no request can hold; null when it fits.</summary>
    public static IResult? FindTooLarge(int operationBytes, PbftCluster cluster)
    {
        var bytes = MessageEncoding.RequestEnvelopeBytes(1, operationBytes);
        return bytes <= cluster.Options.RequestBytesMax
            ? null
            : ProblemMapper.Answer(
                StatusCodes.Status413PayloadTooLarge,
                "too-large",
                $"The operation makes a request of {bytes} bytes; this cluster takes {cluster.Options.RequestBytesMax} (RequestBytesMax).");
    }

    private static async Task<IResult> SubmitAsync(
        OperationRequest request, PbftCluster cluster, OrderingClients clients, CancellationToken cancelled)
    {
        if (FindTooLarge(request.Operation.Length, cluster) is { } tooLarge) return tooLarge;
        var outcome = await clients.SubmitAsync(request.Operation, cancelled);
        return TypedResults.Ok(new OperationAnswer
        {
            Result = PbftOperationException.ThrowUnlessDone(outcome.Results[0]),
            View = outcome.View.Number,
            Sequence = outcome.Sequence.Value,
            Replicas = outcome.Replicas.ToIndexes(),
        });
    }
}
