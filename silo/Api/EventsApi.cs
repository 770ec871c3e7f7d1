using System.Globalization;
using OrleansPbft.Client;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/events</c>: what happened of late in words, or as it happens.</summary>
internal static class EventsApi
{
    private const string EventStream = "text/event-stream";
    private const string LastEventId = "Last-Event-ID";

    public static void MapEventsApi(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(EventListDocument.Path, ReadAsync)
        .WithTags("What happened")
        .Produces<EventListDocument>().Produces<string>(StatusCodes.Status200OK, EventStream)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests)
        .WithSummary("What happened of late, in words, newest last; or, to who accepts text/event-stream, as it happens.")
        .WithDescription(
            $"limit is 1 to {ProtocolHistory.EventsKept} ({EventListDocument.LimitDefault}). "
            + "A stream has four kinds of events: status, a status document, at once and whenever it changed; "
            + "live, a live document, every second; protocol, an event; trace, an item of the list of traces, for some of the newest. "
            + "With Last-Event-ID, or after in the query, protocol events after that one come first, as far as they are kept.");

    private static async Task<IResult> ReadAsync(
        HttpContext context, ProtocolHistory history, EventStreams streams, long? after = null, int limit = EventListDocument.LimitDefault)
    {
        if (TracesApi.FindOff(history) is { } off) return off;
        if (limit is < 1 or > ProtocolHistory.EventsKept) throw new BadHttpRequestException($"limit ({limit}) must be 1 to {ProtocolHistory.EventsKept}.");
        if (!IsStreamWanted(context.Request))
        {
            var items = after is { } known ? history.EventsAfter(known, limit) : history.NewestEvents(limit);
            return TypedResults.Ok(new EventListDocument { Items = items });
        }

        if (!streams.TryEnter()) return streams.Refuse(context.Response);
        try
        {
            context.Response.ContentType = EventStream;
            context.Response.Headers.CacheControl = "no-store";
            await streams.SendAsync(context, LastOf(context.Request) ?? after ?? history.LastEvent);
            return TypedResults.Empty;
        }
        finally
        {
            streams.Leave();
        }
    }

    private static bool IsStreamWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(static type => type.MediaType.Equals(EventStream, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    private static long? LastOf(HttpRequest request) =>
        long.TryParse(request.Headers[LastEventId], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
