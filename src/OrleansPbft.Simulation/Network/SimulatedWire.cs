using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Network;

/// <summary>Between messages and the bytes of the real wire format.</summary>
internal abstract class SimulatedWire : IDisposable
{
    public abstract ClusterId Cluster { get; }

    /// <summary>Whether seals are signatures: whether damage and forgery are noticed.</summary>
    public abstract bool IsSigned { get; }

    public abstract ClientId ClientOf(int client);

    public abstract byte[] Seal(in Vote vote);

    /// <summary>A message to peers, sealed by its sender.</summary>
    public abstract byte[] Seal(IPeerMessage message);

    public abstract byte[][] Seal(ReadOnlySpan<Reply> replies);

    public abstract byte[][] Seal(ReadOnlySpan<ReadReply> replies);

    /// <summary>A read of a client.</summary>
    public abstract Read SealRead(int client, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations);

    /// <summary>A request of a client; one without operations opens a session.</summary>
    public abstract Request SealRequest(int client, SessionId session, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations);

    /// <summary>The vote, sealed by <paramref name="forger"/> in its sender's name.</summary>
    public abstract byte[] Forge(ReplicaId forger, in Vote vote);

    /// <summary>The same with a reply.</summary>
    public abstract byte[] Forge(ReplicaId forger, Reply reply);

    public abstract RejectReason TryOpen(ReadOnlyMemory<byte> envelope, out Input input);

    public byte[] Seal(in Effect effect) => effect.IsVote ? Seal(effect.Vote) : Seal(effect.Message);

    public abstract void Dispose();
}
