using OrleansPbft.Client;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/traces</c>: message sequence diagrams of what the replicas of this silo agreed on of late.</summary>
internal static class TracesApi
{
    private const int LimitMax = ProtocolHistory.SlotsKept + ProtocolHistory.ViewChangesKept + ProtocolHistory.CheckpointsKept;

    private static readonly string[] Kinds = [TraceDocument.RequestKind, TraceDocument.ViewChangeKind, TraceDocument.CheckpointKind];

    public static void MapTracesApi(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("What happened");
        group.MapGet(TraceListDocument.Path, List)
            .Produces<TraceListDocument>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The newest batches, view changes and checkpoints, newest first.")
            .WithDescription($"limit is 1 to {LimitMax} ({TraceListDocument.LimitDefault}); kind is one of {string.Join(", ", Kinds)}, and all of them where it is left out.");
        group.MapGet(TraceListDocument.Path + "/{id}", Find)
            .Produces<TraceDocument>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A message sequence diagram of one of them: who sent what to whom, when it left and when it was there, and what is missing or a lie.")
            .WithDescription(
                "id is n and a sequence number, v and the view changed to, c and a checkpoint's number, or last for the newest request. "
                + "Times are in microseconds after start, by this silo's clock. It is drawn from what the replicas of this silo received and sent: what happened elsewhere "
                + "is not known here. Of a request only the arrival is known, of a reply only when it left.");
    }

    /// <summary>The problem of a silo that records nothing; null where it does.</summary>
    public static IResult? FindOff(ProtocolHistory history) => history.IsKept
        ? null
        : ProblemMapper.Answer(StatusCodes.Status404NotFound, "not-found", "This silo records nothing: Pbft:Telemetry:Recorder is false. Set it to true and start the silo again.");

    private static IResult List(ProtocolHistory history, int limit = TraceListDocument.LimitDefault, string? kind = null)
    {
        if (FindOff(history) is { } off) return off;
        if (limit is < 1 or > LimitMax) throw new BadHttpRequestException($"limit ({limit}) must be 1 to {LimitMax}.");
        if (kind is not null && !Kinds.Contains(kind, StringComparer.Ordinal)) throw new BadHttpRequestException($"kind ('{kind}') must be one of {string.Join(", ", Kinds)}.");
        return TypedResults.Ok(history.List(limit, kind));
    }

    private static IResult Find(string id, ProtocolHistory history)
    {
        if (FindOff(history) is { } off) return off;
        if (history.Find(id) is { } trace) return TypedResults.Ok(trace);
        var detail = id == TraceDocument.Last
            ? "There is no trace of a request yet: have one ordered."
            : $"There is no trace '{id}' here. Kept are the newest {ProtocolHistory.SlotsKept} sequence numbers (as n17), "
                + $"{ProtocolHistory.ViewChangesKept} view changes (as v3) and "
                + $"{ProtocolHistory.CheckpointsKept} checkpoints (as c128) since the silo's start; {TraceListDocument.Path} lists them, and 'last' is the newest request.";
        return ProblemMapper.Answer(StatusCodes.Status404NotFound, "not-found", detail);
    }
}
