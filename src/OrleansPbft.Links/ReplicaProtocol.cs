namespace OrleansPbft.Links;

/// <summary>How a replica greets a peer: by the request that opens a WebSocket (docs/wire-format.md).</summary>
/// <remarks>The request names the version (as the subprotocol), the cluster, and who speaks to whom; the certificate proves who speaks. A refusal
/// has its reason in a header, because a WebSocket client sees no body.</remarks>
internal static class ReplicaProtocol
{
    /// <summary>Where a silo serves its peers.</summary>
    public const string Path = "/pbft/v1/replica";

    /// <summary>The name of version 1 of these links.</summary>
    public const string Subprotocol = "orleans-pbft.replica.v1";

    /// <summary>The header that a refusal has its reason in.</summary>
    public const string RefusedHeader = "Pbft-Refused";

    /// <summary>The address to dial.</summary>
    public static Uri AddressOf(Cryptography.ReplicaAddress address, LinkIdentity self, Core.ReplicaId to) =>
        new($"wss://{address}{Path}?cluster={self.Membership.Id}&from={self.Replica.Index}&to={to.Index}");
}
