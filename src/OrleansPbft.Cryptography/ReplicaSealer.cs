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

    /// <summary>Seals a PRE-PREPARE, with its batch behind it.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(PrePrepare proposal)
    {
        RequireOwn(proposal.Sender);
        var payload = proposal.Batch.Encoding;
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.PrePrepare) + MessageEncoding.ProposalBodyBytes + sizeof(uint) + payload.Length];
        var writer = Start(envelope, MessageKind.PrePrepare, MessageEncoding.ProposalBodyBytes);
        MessageEncoding.WriteProposal(ref writer, proposal.View, proposal.Sequence, proposal.Digest);
        _signer.Sign(envelope, ref writer);
        writer.WriteLength(payload.Length);
        writer.WriteBytes(payload.Span);
        return envelope;
    }

    /// <summary>Seals a CHECKPOINT.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(Checkpoint checkpoint)
    {
        RequireOwn(checkpoint.Sender);
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Checkpoint) + MessageEncoding.CheckpointBodyBytes];
        var writer = Start(envelope, MessageKind.Checkpoint, MessageEncoding.CheckpointBodyBytes);
        MessageEncoding.WriteCheckpoint(ref writer, checkpoint);
        _signer.Sign(envelope, ref writer);
        return envelope;
    }

    /// <summary>Seals a STATUS.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public byte[] Seal(Status status)
    {
        RequireOwn(status.Sender);
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Status) + MessageEncoding.StatusBodyBytes];
        var writer = Start(envelope, MessageKind.Status, MessageEncoding.StatusBodyBytes);
        MessageEncoding.WriteStatus(ref writer, status);
        _signer.Sign(envelope, ref writer);
        return envelope;
    }

    /// <summary>Seals a broadcast or sent effect's message, whichever it is.</summary>
    /// <exception cref="ArgumentException">It is another replica's, or nothing that is broadcast or sent.</exception>
    public byte[] Seal(in Effect effect)
    {
        if (effect.IsVote) return Seal(effect.Vote);
        return effect.Message switch
        {
            PrePrepare proposal => Seal(proposal),
            Checkpoint checkpoint => Seal(checkpoint),
            Status status => Seal(status),
            _ => throw new ArgumentException($"{effect.Kind} carries no message of a replica to its peers.", nameof(effect)),
        };
    }

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
