using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains;
using OrleansPbft.Grains.Network;
using OrleansPbft.Links;

namespace OrleansPbft.Silo;

/// <summary>The client port's way to the replica grains of this silo: requests are delivered to them, replies found by the router.</summary>
internal sealed class ClientGateway(PbftCluster cluster, ReplyRouter replies, IGrainFactory grains) : IClientGateway
{
    private readonly IReplicaGrain?[] _replicas = new IReplicaGrain?[ClusterSize.ReplicasMax];

    public ClusterId Cluster => cluster.Id;

    public EnvelopeOpener Opener => cluster.Opener;

    public EnvelopeOpener OpenerOf(ReplicaId replica) => cluster.OpenerOf(replica);

    public bool Serves(ReplicaId replica) => cluster.Hosts(replica);

    public IClientLink Attach(IReplyReceiver replies) => new Link(this, replies);

    private void Deliver(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        // A race makes the reference twice; either serves.
        var replica = _replicas[to.Index] ??= grains.GetGrain<IReplicaGrain>(to.Index);
        _ = replica.Deliver(new(envelope, Envelope.FromClients, traceParent)); // one-way: complete at once
    }

    /// <summary>One connection: where its requests go, and what the router sends its clients' replies to.</summary>
    private sealed class Link(ClientGateway gateway, IReplyReceiver receiver) : IClientLink, IReplySink
    {
        public void Register(ClientId client) => gateway.Replies.Register(client, this);

        public void Unregister(ClientId client) => gateway.Replies.Unregister(client, this);

        public void Deliver(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => gateway.Deliver(to, envelope, traceParent);

        public void Send(ReplicaId from, in Envelope envelope) => receiver.Send(from, envelope.Bytes);
    }

    private ReplyRouter Replies => replies;
}
