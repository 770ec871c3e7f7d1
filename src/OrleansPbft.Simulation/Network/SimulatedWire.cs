using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Simulation.Cluster;

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

    /// <summary>Opens what reached a client.</summary>
    public virtual RejectReason TryOpenAtClient(int client, ReadOnlyMemory<byte> envelope, ICollection<Input> inputs) => TryOpenOne(envelope, inputs);

    /// <summary>What a replica that starts has sessions with; null where there are none.</summary>
    /// <param name="replica">Which it is.</param>
    /// <param name="loop">Its clock.</param>
    /// <param name="sink">Where its envelopes leave.</param>
    public virtual SessionNode? Boot(ReplicaId replica, LoopOptions loop, IEnvelopeSink sink) => null;

    /// <summary>Where the envelopes of clients leave that their sessions say by themselves.</summary>
    public virtual void Attach(SimulatedNetwork network)
    {
    }

    public byte[] Seal(in Effect effect) => effect.IsVote ? Seal(effect.Vote) : Seal(effect.Message);

    public abstract void Dispose();

    /// <summary>Opens what says one thing.</summary>
    public RejectReason TryOpenOne(ReadOnlyMemory<byte> envelope, ICollection<Input> inputs)
    {
        var reason = TryOpen(envelope, out var input);
        if (reason == RejectReason.None) inputs.Add(input);
        return reason;
    }
}
