using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Grains.Machines;

/// <summary>What both machines of one replica seal with.</summary>
/// <param name="Sealer">Signs.</param>
/// <param name="Sessions">What MACs are made and checked with; null in mode Signatures.</param>
internal sealed record ReplicaVoice(ReplicaSealer Sealer, SessionKeys? Sessions)
{
    /// <summary>Whose it is.</summary>
    public ReplicaId Replica => Sealer.Replica;

    /// <summary>The cluster it is one of.</summary>
    public ClusterId Cluster => Sealer.Cluster;
}
