using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Machines;

/// <summary>Where the envelopes of one replica leave: to its peers, and to who listens for a client.</summary>
internal sealed class PeerSink(ReplicaId self, IPeers peers) : IEnvelopeSink
{
    public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => peers.Send(self, to, new(envelope, self.Index, traceParent));

    public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => peers.Reply(self, to, new(envelope, self.Index));
}
