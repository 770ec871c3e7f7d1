using OrleansPbft.Core;

namespace OrleansPbft.Grains.Network;

/// <summary>Peers in the same cluster of silos: an envelope is a one-way grain call, a reply goes to this process's listeners.</summary>
internal sealed class GrainPeers(IGrainFactory grains, ReplyRouter replies) : IPeers
{
    private readonly IReplicaGrain?[] _replicas = new IReplicaGrain?[ClusterSize.ReplicasMax];

    public void Send(ReplicaId from, ReplicaId to, in Envelope envelope)
    {
        // A race makes the reference twice; either serves.
        var replica = _replicas[to.Index] ??= grains.GetGrain<IReplicaGrain>(to.Index);
        _ = replica.Deliver(envelope); // one-way: complete at once
    }

    public void Reply(ReplicaId from, ClientId to, in Envelope envelope) => replies.Route(to, from, envelope);
}
