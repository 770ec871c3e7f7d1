namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/live</c>: how fast the cluster is just now, as this silo's replicas see it.</summary>
public sealed record LiveDocument
{
    /// <summary>Where a silo serves it.</summary>
    public const string Path = "/v1/live";

    /// <summary>Operations executed in the last second, by the replica of this silo that is furthest.</summary>
    public required double OperationsPerSecond { get; init; }

    /// <summary>Batches executed in the last second, by the same.</summary>
    public required double BatchesPerSecond { get; init; }

    /// <summary>Requests in a batch, on average over the last ten seconds; 0 where there was none.</summary>
    public required double BatchMean { get; init; }

    /// <summary>From a request's arrival at a replica of this silo to its execution there, over the last ten seconds; null where there was none.</summary>
    public LatencyDocument? Latency { get; init; }

    /// <summary>How long slots were in each phase over the last ten seconds, by replica.</summary>
    public required LivePhaseDocument[] Phases { get; init; }

    /// <summary>The last two minutes, oldest first, a point for each second.</summary>
    public required LivePointDocument[] History { get; init; }

    /// <summary>Asks a silo how fast the cluster is.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why: it records nothing.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<LiveDocument> FetchAsync(Uri endpoint, CancellationToken cancellationToken = default)
    {
        var json = await SiloHttp.AskAsync(HttpMethod.Get, endpoint, Path, null, cancellationToken);
        return SiloHttp.Read(json, TraceJson.Default.LiveDocument, endpoint, Path);
    }
}
