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

    /// <summary>The cluster it speaks in.</summary>
    public ClusterId Cluster => cluster;

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

    /// <summary>Signs a message whose body is written already: one that was to be MACed, for a receiver with whom there is no session.</summary>
    internal byte[] Seal(MessageKind kind, ReadOnlySpan<byte> body)
    {
        var envelope = new byte[EnvelopeEncoding.SignedBytes(kind) + body.Length];
        var writer = Start(envelope, kind, body.Length);
        writer.WriteBytes(body);
        _signer.Sign(envelope, ref writer);
        return envelope;
    }

    /// <summary>Writes what precedes the body of one of this replica's envelopes.</summary>
    internal WireWriter Start(Span<byte> envelope, MessageKind kind, int bodyBytes)
    {
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, kind, cluster, replica, bodyBytes);
        return writer;
    }

    /// <summary>Seals a broadcast or sent effect's vote or message.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(in Effect effect) => effect.IsVote ? Seal(effect.Vote) : Seal(effect.Message);

    /// <summary>Seals replies, all under one signature; the envelopes come in the order of the replies.</summary>
    /// <remarks>A single reply is signed plainly. More than 65 535 are split under several signatures.</remarks>
    /// <exception cref="ArgumentException">One is another replica's.</exception>
    public byte[][] SealReplies(ReadOnlySpan<Reply> replies) => SealReplies(replies, []);

    /// <summary>Seals replies and replies to reads, all under one signature; the envelopes come in their order, those of reads last.</summary>
    /// <remarks>A single one is signed plainly. More than 65 535 are split under several signatures.</remarks>
    /// <exception cref="ArgumentException">One is another replica's.</exception>
    public byte[][] SealReplies(ReadOnlySpan<Reply> replies, ReadOnlySpan<ReadReply> reads)
    {
        var envelopes = new byte[replies.Length + reads.Length][];
        var signedBytes = new int[envelopes.Length];
        for (var i = 0; i < envelopes.Length; i++)
        {
            var inGroup = i % EnvelopeEncoding.BatchSealLeavesMax;
            var leaves = Math.Min(EnvelopeEncoding.BatchSealLeavesMax, envelopes.Length - i + inGroup);
            var sealBytes = leaves == 1 ? 0 : EnvelopeEncoding.BatchSealHeaderBytes + (EnvelopeEncoding.PathLength(inGroup, leaves) * Digest.Bytes);
            envelopes[i] = i < replies.Length
                ? Write(replies[i], sealBytes, out signedBytes[i])
                : Write(reads[i - replies.Length], sealBytes, out signedBytes[i]);
        }

        for (var start = 0; start < envelopes.Length; start += EnvelopeEncoding.BatchSealLeavesMax)
        {
            var count = Math.Min(EnvelopeEncoding.BatchSealLeavesMax, envelopes.Length - start);
            SealTogether(envelopes.AsSpan(start, count), signedBytes.AsSpan(start, count));
        }

        return envelopes;
    }

    private byte[] Write(Reply reply, int sealBytes, out int signedBytes)
    {
        RequireOwn(reply.Sender);
        var bodyBytes = MessageEncoding.ReplyBodyBytesMin + reply.Results.Length;
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Reply) + bodyBytes + sealBytes];
        var writer = Start(envelope, MessageKind.Reply, bodyBytes);
        MessageEncoding.WriteReply(ref writer, reply);
        signedBytes = writer.Position;
        return envelope;
    }

    private byte[] Write(ReadReply reply, int sealBytes, out int signedBytes)
    {
        RequireOwn(reply.Sender);
        var bodyBytes = MessageEncoding.ReadReplyBodyBytesMin + reply.Results.Length;
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.ReadReply) + bodyBytes + sealBytes];
        var writer = Start(envelope, MessageKind.ReadReply, bodyBytes);
        MessageEncoding.WriteReadReply(ref writer, reply);
        signedBytes = writer.Position;
        return envelope;
    }

    private void SealTogether(ReadOnlySpan<byte[]> envelopes, ReadOnlySpan<int> signedBytes)
    {
        Span<byte> signature = stackalloc byte[EnvelopeEncoding.SignatureBytes];
        if (envelopes.Length == 1)
        {
            var signed = envelopes[0].AsSpan(0, signedBytes[0]);
            _signer.Sign(SigningHash.OfEnvelope(signed), signature);
            var plain = new WireWriter(envelopes[0].AsSpan(signedBytes[0]));
            plain.WriteByte((byte)SealType.Signature);
            plain.WriteBytes(signature);
            return;
        }

        var leaves = new Digest[envelopes.Length];
        for (var i = 0; i < leaves.Length; i++) leaves[i] = SigningHash.OfLeaf(envelopes[i].AsSpan(0, signedBytes[i]));
        var tree = new MerkleTree(leaves);
        _signer.Sign(SigningHash.OfBatch(cluster, replica, leaves.Length, tree.Root), signature);
        for (var i = 0; i < leaves.Length; i++)
        {
            var writer = new WireWriter(envelopes[i].AsSpan(signedBytes[i]));
            writer.WriteByte((byte)SealType.BatchSignature);
            writer.WriteUInt16((ushort)i);
            writer.WriteUInt16((ushort)leaves.Length);
            tree.WritePath(i, ref writer);
            writer.WriteBytes(signature);
        }
    }

    private ViewChange Sealed(ViewChange own) =>
        new(own.View, own.StableCheckpoint, own.Checkpoints, own.Prepared, own.PrePrepared, own.Sender, Seal(own));

    internal void RequireOwn(ReplicaId sender)
    {
        // A correct replica's core names only itself; a seal on another's message would not verify, and here is the place to notice.
        if (sender != replica) throw new ArgumentException($"{replica} can not seal a message of {sender}.", nameof(sender));
    }
}
