using OrleansPbft.Client;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Grains;

/// <summary>How client grains reach the replicas where those are not all in this process (shape S3): as any client does, with a key that is listed.</summary>
/// <param name="connection">Reaches all replicas; shared by all client grains, and owned by the host.</param>
/// <param name="keys">Who the clients of this silo are: one client with a session for each grain. Owned by the host.</param>
public sealed class RemoteCluster(ClusterConnection connection, KeyPair keys)
{
    /// <summary>Makes the client of one grain.</summary>
    internal PbftClient CreateClient(PbftClientOptions options) => connection.CreateClient(keys, options);
}
