using System.Collections.Frozen;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Which clients may speak (rule C-1). All replicas of a cluster must be given the same: each checks every request of a batch.</summary>
public sealed class ClientAccess
{
    private readonly FrozenSet<ClientId>? _listed;

    private ClientAccess(FrozenSet<ClientId>? listed) => _listed = listed;

    /// <summary>Any client with a key.</summary>
    public static ClientAccess Open { get; } = new(null);

    /// <summary>Only the clients listed.</summary>
    public static ClientAccess Listed(IEnumerable<ClientId> clients) => new(clients.ToFrozenSet());

    /// <summary>Whether this client may speak.</summary>
    public bool Allows(ClientId client) => _listed is null || _listed.Contains(client);
}
