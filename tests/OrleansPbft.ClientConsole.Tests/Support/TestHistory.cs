using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansPbft.Client;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>What the silo tells of what happened, as the console sees it over HTTP.</summary>
internal static class TestHistory
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(TraceListDocument.Path, static (ProtocolHistory history, int limit) => Results.Json(history.List(limit), TraceJson.Default.TraceListDocument));
        app.MapGet(TraceListDocument.Path + "/{id}", static (ProtocolHistory history, string id) => history.Find(id) is { } trace
            ? Results.Json(trace, TraceJson.Default.TraceDocument)
            : Results.Problem($"There is no trace '{id}' here.", statusCode: 404, extensions: new Dictionary<string, object?> { ["code"] = "not-found" }));
        app.MapGet(LiveDocument.Path, static (ProtocolHistory history) => Results.Json(history.Measure(), TraceJson.Default.LiveDocument));
        app.MapGet(EventListDocument.Path, ReadEventsAsync);
    }

    /// <summary>The events; as a stream all that there are, and then it ends.</summary>
    private static async Task ReadEventsAsync(HttpContext context, ProtocolHistory history, int limit = 100, long after = 0)
    {
        if (context.Request.Headers.Accept != "text/event-stream")
        {
            await context.Response.WriteAsJsonAsync(new() { Items = history.NewestEvents(limit) }, TraceJson.Default.EventListDocument);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("event: status\ndata: {}\n\n");
        foreach (var what in history.EventsAfter(after, 1000))
        {
            await context.Response.WriteAsync($"event: protocol\nid: {what.Id}\ndata: {JsonSerializer.Serialize(what, TraceJson.Default.EventDocument)}\n\n");
        }
    }
}
