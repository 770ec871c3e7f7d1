using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>What a faulty replica seals with on a simulated wire.</summary>
internal sealed class WireSeals(SimulatedWire wire, ReplicaId self) : ISeals
{
    public byte[] Seal(in Effect effect) => wire.Seal(effect);

    public byte[] Seal(in Vote vote) => wire.Seal(vote);

    public byte[] Seal(IPeerMessage message) => wire.Seal(message);

    public byte[][] Seal(ReadOnlySpan<Reply> replies) => wire.Seal(replies);

    public byte[][] Seal(ReadOnlySpan<ReadReply> replies) => wire.Seal(replies);

    public byte[] Forge(in Vote vote) => wire.Forge(self, vote);

    public byte[] Forge(Reply reply) => wire.Forge(self, reply);
}
