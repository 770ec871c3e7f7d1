using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>Who a silo is to its peers, and who they are to it.</summary>
/// <param name="Replica">The one replica of this silo.</param>
/// <param name="Membership">The cluster, with the keys that certificates are compared with.</param>
/// <param name="Addresses">Where the peers listen, in the order of their ids.</param>
/// <param name="Certificate">This replica's, with its key. Owned by the host.</param>
/// <param name="Limits">How large an envelope may be.</param>
public sealed record LinkIdentity(
    ReplicaId Replica, Membership Membership, ImmutableArray<ReplicaAddress> Addresses, X509Certificate2 Certificate, WireLimits Limits);
