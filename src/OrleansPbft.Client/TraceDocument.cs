namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/traces/{id}</c>: a message sequence diagram, as a silo saw it happen.</summary>
/// <remarks>It is drawn from what the silo's own replicas received and sent. What happened at replicas elsewhere is not known, and not made up.</remarks>
public sealed record TraceDocument
{
    /// <summary>A batch of requests on its way through the three phases.</summary>
    public const string RequestKind = "request";

    /// <summary>The change to a view.</summary>
    public const string ViewChangeKind = "viewChange";

    /// <summary>A checkpoint on its way to being stable.</summary>
    public const string CheckpointKind = "checkpoint";

    /// <summary>The id that stands for the newest request.</summary>
    public const string Last = "last";

    /// <summary>n and the sequence number, v and the view changed to, c and the checkpoint's number.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="RequestKind"/>, <see cref="ViewChangeKind"/>, <see cref="CheckpointKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>A line for people.</summary>
    public required string Title { get; init; }

    /// <summary>The first thing known of it, to which all times here are relative: UTC, by the silo's clock, in microseconds.</summary>
    public required DateTime Start { get; init; }

    /// <summary>From <see cref="Start"/> to the last thing known of it, in microseconds.</summary>
    public required long DurationUs { get; init; }

    /// <summary>n = 3f + 1, the number of replicas.</summary>
    public required int Replicas { get; init; }

    /// <summary>f.</summary>
    public required int Tolerated { get; init; }

    /// <summary>q.</summary>
    public required int Quorum { get; init; }

    /// <summary>The replicas of the silo that answers: what it knows, it knows of these.</summary>
    public required int[] Hosted { get; init; }

    /// <summary>The last view in which it was proposed; of a view change, the view changed to; of a checkpoint 0.</summary>
    public required long View { get; init; }

    /// <summary>The primary of <see cref="View"/>; null of a checkpoint.</summary>
    public int? Primary { get; init; }

    /// <summary>n; 0 of a view change.</summary>
    public required long Sequence { get; init; }

    /// <summary>The first eight digits of the digest that replicas agreed on; null where that is not known.</summary>
    public string? Digest { get; init; }

    /// <summary>How many requests the batch holds; null of what is no batch.</summary>
    public int? Requests { get; init; }

    /// <summary>The first eight digits of the client's id of the first request; null where there is none.</summary>
    public string? Client { get; init; }

    /// <summary>The trace's id at OpenTelemetry in 32 hexadecimal digits; null where it is not sampled.</summary>
    public string? TraceId { get; init; }

    /// <summary>Whether a quorum of the cluster, or every replica of this silo if those are fewer, has got to its end.</summary>
    public required bool Complete { get; init; }

    /// <summary>The arrows, ordered by when they left, when they arrived, kind, from and to. A replica's own vote is none.</summary>
    public required TraceMessageDocument[] Messages { get; init; }

    /// <summary>The phases, ordered by replica and when they began.</summary>
    public required TracePhaseDocument[] Phases { get; init; }

    /// <summary>What happened meanwhile, oldest first.</summary>
    public required TraceEventDocument[] Events { get; init; }

    /// <summary>Asks a silo for one trace.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="id">The trace's id, or <see cref="Last"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why: it keeps no such trace.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<TraceDocument> FetchAsync(Uri endpoint, string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var path = $"{TraceListDocument.Path}/{Uri.EscapeDataString(id)}";
        var json = await SiloHttp.AskAsync(HttpMethod.Get, endpoint, path, null, cancellationToken);
        return SiloHttp.Read(json, TraceJson.Default.TraceDocument, endpoint, path);
    }
}
