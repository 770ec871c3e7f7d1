using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Grains.Network;
using OrleansPbft.Links;

namespace OrleansPbft.Silo.Federation;

/// <summary>The peers of a federation's replica: the others by links, itself by a grain call, clients by the listeners of this process.</summary>
internal sealed class FederationPeers(PbftCluster cluster, ReplicaLinks links, IGrainFactory grains, ReplyRouter replies) : IPeers
{
    private IReplicaGrain? _self;

    public void Send(ReplicaId from, ReplicaId to, in Envelope envelope)
    {
        if (cluster.Hosts(to))
        {
            // A race makes the reference twice; either serves.
            var self = _self ??= grains.GetGrain<IReplicaGrain>(to.Index);
            _ = self.Deliver(envelope); // one-way: complete at once
            return;
        }

        links.Send(to, envelope.Bytes, envelope.TraceParent);
    }

    public void Reply(ReplicaId from, ClientId to, in Envelope envelope) => replies.Route(to, from, envelope);

    public void OnRejected(ReplicaId self, ReplicaId from, RejectReason reason)
    {
        if (!cluster.Hosts(from)) links.OnRejected(from, reason);
    }
}
