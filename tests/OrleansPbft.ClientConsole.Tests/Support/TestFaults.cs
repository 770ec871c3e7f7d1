using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansPbft.Client;
using OrleansPbft.Grains;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>The silo's faults on purpose, as the console sees them over HTTP; a test can forbid them, or make them have no effect.</summary>
internal sealed class TestFaults
{
    /// <summary>Whether they are allowed.</summary>
    public bool AreAllowed { get; set; } = true;

    /// <summary>Whether a replica that is made faulty is.</summary>
    public bool HaveEffect { get; set; } = true;

    /// <summary>Called when a replica was made faulty.</summary>
    public Action OnSet { get; set; } = static () => { };

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(FaultsDocument.Path, (IGrainFactory grains, PbftCluster cluster) => AnswerAsync(async () =>
            Results.Json(await ReadAsync(grains, cluster), FaultJson.Default.FaultsDocument)));
        app.MapPost("/v1/replicas/{id:int}/fault", (int id, HttpRequest request, IGrainFactory grains, PbftCluster cluster) => AnswerAsync(async () =>
        {
            var fault = await request.ReadFromJsonAsync(FaultJson.Default.FaultRequest);
            var answer = await SetAsync(id, fault!.Mode, grains, cluster);
            OnSet();
            return answer;
        }));
        app.MapDelete("/v1/replicas/{id:int}/fault", (int id, IGrainFactory grains, PbftCluster cluster) => AnswerAsync(() => SetAsync(id, null, grains, cluster)));
    }

    private async Task<IResult> AnswerAsync(Func<Task<IResult>> answer) => AreAllowed
        ? await answer()
        : Results.Problem(FaultInjectionOptions.Disabled, statusCode: 403, extensions: new Dictionary<string, object?> { ["code"] = "faults-disabled" });

    private async Task<IResult> SetAsync(int id, string? mode, IGrainFactory grains, PbftCluster cluster)
    {
        if (HaveEffect) await grains.GetGrain<IReplicaGrain>(id).SetFault(mode);
        var faults = await ReadAsync(grains, cluster);
        return Results.Json(
            new FaultAnswer { Replica = id, Mode = mode, Faulty = faults.Faulty, Tolerated = faults.Tolerated, Warning = faults.Warning }, FaultJson.Default.FaultAnswer);
    }

    private static async Task<FaultsDocument> ReadAsync(IGrainFactory grains, PbftCluster cluster)
    {
        var replicas = await Task.WhenAll(Enumerable.Range(0, cluster.Options.Cluster.Replicas).Select(id => grains.GetGrain<IReplicaGrain>(id).GetFault()));
        return new()
        {
            Faulty = replicas.Count(static replica => replica.Mode is not null),
            Tolerated = cluster.Options.Cluster.MaxFaulty,
            Warning = null,
            Replicas = [.. replicas.Select(static replica => new FaultDocument { Replica = replica.Id, Mode = replica.Mode, Acts = replica.Acts })],
            Modes = [],
        };
    }
}
