using OrleansPbft.Core;
using OrleansPbft.Grains.Network;
using OrleansPbft.Links;

namespace OrleansPbft.Silo.Federation;

/// <summary>The links' way to the replica of this silo.</summary>
/// <param name="self">This silo's replica.</param>
/// <param name="services">Has the inbox, once the machines are made; they need the links first.</param>
internal sealed class PeerInbox(ReplicaId self, IServiceProvider services) : IPeerInbox
{
    private ReplicaInbox? _inbox;

    private ReplicaInbox Inbox => _inbox ??= services.GetRequiredService<ReplicaInbox>();

    public bool HasRoom(ReplicaId from) => Inbox.HasRoom(self, from);

    public void Forget(ReplicaId from) => Inbox.Forget(self, from);

    public void Deliver(ReplicaId from, ReadOnlyMemory<byte> envelope, string? traceParent) => Inbox.Deliver(self, new(envelope, from.Index, traceParent));
}
