namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/events</c>: what happened of late, in words.</summary>
public sealed record EventListDocument
{
    /// <summary>Where a silo serves it; who accepts text/event-stream is told as things happen.</summary>
    public const string Path = "/v1/events";

    /// <summary>How many events are listed where nobody says how many.</summary>
    public const int LimitDefault = 100;

    /// <summary>The events, newest last.</summary>
    public required EventDocument[] Items { get; init; }

    /// <summary>Asks a silo what happened of late.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="limit">The most events that are wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why: it records nothing.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<EventListDocument> FetchAsync(Uri endpoint, int limit = LimitDefault, CancellationToken cancellationToken = default)
    {
        var path = FormattableString.Invariant($"{Path}?limit={limit}");
        var json = await SiloHttp.AskAsync(HttpMethod.Get, endpoint, path, null, cancellationToken);
        return SiloHttp.Read(json, TraceJson.Default.EventListDocument, endpoint, path);
    }
}
