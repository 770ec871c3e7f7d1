using OrleansPbft.Client;
using OrleansPbft.Faults;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/faults</c> and <c>/v1/replicas/{id}/fault</c>: replicas made faulty on purpose, and healed (DESIGN 13).</summary>
/// <remarks>Nothing is refused beyond f: people want to see it break. They are warned.</remarks>
internal static class FaultApi
{
    public static void MapFaultApi(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Faults on purpose").AddEndpointFilter(RequireEnabledAsync);
        group.MapGet(FaultsDocument.Path, ReadAllAsync)
            .Produces<FaultsDocument>().ProducesFaultProblems()
            .WithSummary("Which replicas are faulty on purpose, how many are tolerated, and which modes there are.");
        group.MapGet("/v1/replicas/{id:int}/fault", ReadAsync)
            .Produces<FaultDocument>().ProducesFaultProblems().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What one replica is made to do wrong.");
        group.MapPost("/v1/replicas/{id:int}/fault", SetAsync)
            .Produces<FaultAnswer>().ProducesFaultProblems()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Makes one replica faulty from now on, in place of what it did wrong before.");
        group.MapDelete("/v1/replicas/{id:int}/fault", HealAsync)
            .Produces<FaultAnswer>().ProducesFaultProblems().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Heals one replica: it is correct from now on.");
    }

    private static RouteHandlerBuilder ProducesFaultProblems(this RouteHandlerBuilder route) => route
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReadAllAsync(ReplicaFaults faults, CancellationToken cancelled)
    {
        var replicas = await faults.ReadAsync(cancelled);
        var (faulty, tolerated, warning) = faults.Judge(replicas);
        return TypedResults.Ok(new FaultsDocument { Faulty = faulty, Tolerated = tolerated, Warning = warning, Replicas = replicas, Modes = [.. Fault.Forms] });
    }

    private static async Task<IResult> ReadAsync(int id, ReplicaFaults faults, CancellationToken cancelled) =>
        faults.FindMissing(id) ?? TypedResults.Ok(await faults.ReadAsync(id, cancelled));

    private static async Task<IResult> SetAsync(int id, FaultRequest? request, ReplicaFaults faults, CancellationToken cancelled)
    {
        if (faults.FindMissing(id) is { } missing) return missing;
        if (request is null) throw new BadHttpRequestException("The body must say what the replica is to do wrong, as in {\"mode\":\"lie\"}.");
        return Fault.TryParse(request.Mode, out var fault, out var problem)
            ? TypedResults.Ok(await faults.SetAsync(id, fault, cancelled))
            : ProblemMapper.Answer(
                StatusCodes.Status400BadRequest, "unknown-mode", problem, KeyValuePair.Create("modes", (object?)Fault.Forms));
    }

    private static async Task<IResult> HealAsync(int id, ReplicaFaults faults, CancellationToken cancelled) =>
        faults.FindMissing(id) ?? TypedResults.Ok(await faults.SetAsync(id, null, cancelled));

    private static async ValueTask<object?> RequireEnabledAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<ReplicaFaults>().IsEnabled
            ? await next(context)
            : ProblemMapper.Answer(StatusCodes.Status403Forbidden, "faults-disabled", FaultInjectionOptions.Disabled);
}
