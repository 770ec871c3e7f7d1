namespace OrleansPbft.Client;

/// <summary>One trace in the list of <c>GET /v1/traces</c>: what was agreed, when, and whether anything about it was out of the ordinary.</summary>
public sealed record TraceSummaryDocument
{
    /// <summary>What <c>GET /v1/traces/{id}</c> calls it: n and the sequence number, v and the view changed to, c and the checkpoint's number.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="TraceDocument.RequestKind"/>, <see cref="TraceDocument.ViewChangeKind"/>, <see cref="TraceDocument.CheckpointKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The first thing known of it: UTC, by the silo's clock, in microseconds.</summary>
    public required DateTime Start { get; init; }

    /// <summary>From <see cref="Start"/> to the last thing known of it, in microseconds; it grows while more is heard.</summary>
    public required long DurationUs { get; init; }

    /// <summary>The last view in which it was proposed; of a view change, the view changed to; of a checkpoint 0, as it has none.</summary>
    public required long View { get; init; }

    /// <summary>n; 0 of a view change.</summary>
    public required long Sequence { get; init; }

    /// <summary>How many requests its batch holds; null of what is no batch.</summary>
    public int? Requests { get; init; }

    /// <summary>The first eight digits of the client's id of the first request; null where there is none.</summary>
    public string? Client { get; init; }

    /// <summary>How many messages are missing or contradict the others.</summary>
    public required int Anomalies { get; init; }

    /// <summary>Whether a quorum of the cluster, or every replica of this silo if those are fewer, has got to its end.</summary>
    public required bool Complete { get; init; }

    /// <summary>A line for people.</summary>
    public required string Title { get; init; }
}
