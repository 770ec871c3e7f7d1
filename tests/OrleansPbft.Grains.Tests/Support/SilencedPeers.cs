using OrleansPbft.Core;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>Nothing of what the silent replicas send arrives anywhere, and all that leaves is seen.</summary>
internal sealed class SilencedPeers(IGrainFactory grains, ReplyRouter replies) : IPeers
{
    private readonly GrainPeers _peers = new(grains, replies);

    /// <summary>Those that are silent; may change while the cluster runs.</summary>
    public ReplicaSet Silent { get; set; }

    /// <summary>Sees every envelope that a replica sends to a replica, silent or not; by any thread.</summary>
    public Action<ReplicaId, ReplicaId, Envelope>? OnSent { get; set; }

    public void Send(ReplicaId from, ReplicaId to, in Envelope envelope)
    {
        OnSent?.Invoke(from, to, envelope);
        if (from == to || !Silent.Contains(from)) _peers.Send(from, to, envelope);
    }

    public void Reply(ReplicaId from, ClientId to, in Envelope envelope)
    {
        if (!Silent.Contains(from)) _peers.Reply(from, to, envelope);
    }
}
