using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Faults;

/// <summary>The real thing: a replica's own key, used for lies and forgeries alike. Thread-safe.</summary>
/// <param name="cluster">The cluster the envelopes are for.</param>
/// <param name="replica">Whose key it is.</param>
/// <param name="keyPair">The key; not disposed here.</param>
public sealed class ReplicaSeals(ClusterId cluster, ReplicaId replica, KeyPair keyPair) : ISeals
{
    private readonly ReplicaSealer _own = new(cluster, replica, keyPair);

    /// <inheritdoc/>
    public byte[] Seal(in Effect effect) => _own.Seal(effect);

    /// <inheritdoc/>
    public byte[] Seal(in Vote vote) => _own.Seal(vote);

    /// <inheritdoc/>
    public byte[] Seal(IPeerMessage message) => _own.Seal(message);

    /// <inheritdoc/>
    public byte[][] Seal(ReadOnlySpan<Reply> replies) => _own.SealReplies(replies);

    /// <inheritdoc/>
    public byte[][] Seal(ReadOnlySpan<ReadReply> replies) => _own.SealReplies([], replies);

    /// <inheritdoc/>
    public byte[] Forge(in Vote vote) => new ReplicaSealer(cluster, vote.Sender, keyPair).Seal(vote);

    /// <inheritdoc/>
    public byte[] Forge(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new ReplicaSealer(cluster, reply.Sender, keyPair).SealReplies([reply])[0];
    }
}
