namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/traces</c>: the newest traces that a silo keeps.</summary>
public sealed record TraceListDocument
{
    /// <summary>Where a silo serves it; one trace is at this and its id.</summary>
    public const string Path = "/v1/traces";

    /// <summary>How many traces are listed where nobody says how many.</summary>
    public const int LimitDefault = 50;

    /// <summary>The replicas of the silo that answers: what it knows, it knows of these.</summary>
    public required int[] Hosted { get; init; }

    /// <summary>The traces, newest first.</summary>
    public required TraceSummaryDocument[] Items { get; init; }

    /// <summary>Asks a silo for the newest traces it keeps.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="limit">The most that are listed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why: it records nothing.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<TraceListDocument> FetchAsync(Uri endpoint, int limit = LimitDefault, CancellationToken cancellationToken = default)
    {
        var path = FormattableString.Invariant($"{Path}?limit={limit}");
        var json = await SiloHttp.AskAsync(HttpMethod.Get, endpoint, path, null, cancellationToken);
        return SiloHttp.Read(json, TraceJson.Default.TraceListDocument, endpoint, path);
    }
}
