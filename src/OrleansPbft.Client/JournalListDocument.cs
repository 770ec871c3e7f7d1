namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/journal</c>: the journals of a silo's replicas; none where nothing is kept.</summary>
public sealed record JournalListDocument
{
    /// <summary>Where a silo serves it.</summary>
    public const string Path = "/v1/journal";

    /// <summary>How durable votes are here, as <c>Pbft:Durability</c> says.</summary>
    public required string Durability { get; init; }

    /// <summary>The journals in the order of their replicas' ids.</summary>
    public required JournalDocument[] Items { get; init; }
}
