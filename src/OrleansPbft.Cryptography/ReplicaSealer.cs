using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Seals what one replica says (rules ). Thread-safe.</summary>
/// <param name="cluster">The cluster the envelopes are for.</param>
/// <param name="replica">Whose they are.</param>
/// <param name="keyPair">That replica's; the sealer does not dispose it.</param>
/// <param name="signatures">Where this process remembers signatures, so that it need not verify its own.</param>
public sealed class ReplicaSealer(ClusterId cluster, ReplicaId replica, KeyPair keyPair, SignatureCache? signatures = null)
{
    private readonly EnvelopeSigner _signer = new(keyPair, signatures);

    /// <summary>The replica that seals.</summary>
    public ReplicaId Replica => replica;

    /// <summary>Seals a PREPARE or a COMMIT.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(in Vote vote)
    {
        RequireOwn(vote.Sender);
        var envelope = new byte[EnvelopeEncoding.SignedBytes((MessageKind)vote.Phase) + MessageEncoding.ProposalBodyBytes];
        var writer = Start(envelope, (MessageKind)vote.Phase, MessageEncoding.ProposalBodyBytes);
        MessageEncoding.WriteProposal(ref writer, vote.View, vote.Sequence, vote.Digest);
        _signer.Sign(envelope, ref writer);
        return envelope;
    }

    /// <summary>Seals a message to peers, with its payload behind the seal; in a NEW-VIEW, the VIEW-CHANGE that has no seal yet first.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(IPeerMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RequireOwn(message.Sender);
        if (message is NewView newView) message = newView.WithSealed(Sealed);
        var payload = message.Payload;
        var bodyBytes = message.BodyBytes;
        var envelope = new byte[EnvelopeEncoding.SignedBytes(message.Kind) + bodyBytes + (EnvelopeFrame.HasPayload(message.Kind) ? sizeof(uint) + payload.Length : 0)];
        var writer = Start(envelope, message.Kind, bodyBytes);
        message.WriteBody(ref writer);
        _signer.Sign(envelope, ref writer);
        if (!EnvelopeFrame.HasPayload(message.Kind)) return envelope;
        writer.WriteLength(payload.Length);
        writer.WriteBytes(payload.Span);
        return envelope;
    }

    /// <summary>Seals a broadcast or sent effect's vote or message.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(in Effect effect) => effect.IsVote ? Seal(effect.Vote) : Seal(effect.Message);

    /// <summary>Seals replies, all under one signature; the envelopes come in the order of the replies.</summary>
    /// <remarks>A single reply is signed plainly. More than 65 535 are split under several signatures.</remarks>
    /// <exception cref="ArgumentException">One is another replica's.</exception>
    public byte[][] SealReplies(ReadOnlySpan<Reply> replies)
    {
        var envelopes = new byte[replies.Length][];
        for (var start = 0; start < replies.Length; start += EnvelopeEncoding.BatchSealLeavesMax)
        {
            var count = Math.Min(EnvelopeEncoding.BatchSealLeavesMax, replies.Length - start);
            SealTogether(replies.Slice(start, count), envelopes.AsSpan(start, count));
        }

        return envelopes;
    }

    private void SealTogether(ReadOnlySpan<Reply> replies, Span<byte[]> envelopes)
    {
        var leaves = new Digest[replies.Length];
        for (var i = 0; i < replies.Length; i++)
        {
            var reply = replies[i];
            RequireOwn(reply.Sender);
            var bodyBytes = MessageEncoding.ReplyBodyBytesMin + reply.Results.Length;
            var sealBytes = replies.Length == 1 ? 0
                : EnvelopeEncoding.BatchSealHeaderBytes + (EnvelopeEncoding.PathLength(i, replies.Length) * Digest.Bytes);
            envelopes[i] = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Reply) + bodyBytes + sealBytes];
            var writer = Start(envelopes[i], MessageKind.Reply, bodyBytes);
            MessageEncoding.WriteReply(ref writer, reply);
            if (replies.Length == 1)
            {
                _signer.Sign(envelopes[i], ref writer);
                return;
            }

            leaves[i] = SigningHash.OfLeaf(envelopes[i].AsSpan(0, writer.Position));
        }

        SignTree(replies, leaves, envelopes);
    }

    private void SignTree(ReadOnlySpan<Reply> replies, Digest[] leaves, ReadOnlySpan<byte[]> envelopes)
    {
        var tree = new MerkleTree(leaves);
        Span<byte> signature = stackalloc byte[EnvelopeEncoding.SignatureBytes];
        _signer.Sign(SigningHash.OfBatch(cluster, replica, leaves.Length, tree.Root), signature);
        for (var i = 0; i < envelopes.Length; i++)
        {
            var signedBytes = EnvelopeEncoding.HeaderBytes(MessageKind.Reply) + MessageEncoding.ReplyBodyBytesMin + replies[i].Results.Length;
            var writer = new WireWriter(envelopes[i].AsSpan(signedBytes));
            writer.WriteByte((byte)SealType.BatchSignature);
            writer.WriteUInt16((ushort)i);
            writer.WriteUInt16((ushort)leaves.Length);
            tree.WritePath(i, ref writer);
            writer.WriteBytes(signature);
        }
    }

    private ViewChange Sealed(ViewChange own) =>
        new(own.View, own.StableCheckpoint, own.Checkpoints, own.Prepared, own.PrePrepared, own.Sender, Seal(own));

    private WireWriter Start(Span<byte> envelope, MessageKind kind, int bodyBytes)
    {
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, kind, cluster, replica, bodyBytes);
        return writer;
    }

    private void RequireOwn(ReplicaId sender)
    {
        // A correct replica's core names only itself; a seal on another's message would not verify, and here is the place to notice.
        if (sender != replica) throw new ArgumentException($"{replica} can not seal a message of {sender}.", nameof(sender));
    }
}
