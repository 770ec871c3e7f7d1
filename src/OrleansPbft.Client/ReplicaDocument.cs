namespace OrleansPbft.Client;

/// <summary>One replica in the JSON of <c>GET /v1/cluster</c>.</summary>
public sealed record ReplicaDocument
{
    /// <summary>Its id: its place in the list.</summary>
    public required int Id { get; init; }

    /// <summary>Its public key: 64 bytes in base64.</summary>
    public required string PublicKey { get; init; }
}
