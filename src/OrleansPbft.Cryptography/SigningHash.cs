using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The hashes that are signed and that lead to one that is signed, each under a tag of its own (rule A-1, docs/wire-format.md).</summary>
internal static class SigningHash
{
    private const int StackBytesMax = 1024;

    private static ReadOnlySpan<byte> SignatureTag => "OrleansPbft/1 signature\0"u8;

    private static ReadOnlySpan<byte> LeafTag => "OrleansPbft/1 leaf\0"u8;

    private static ReadOnlySpan<byte> NodeTag => "OrleansPbft/1 node\0"u8;

    private static ReadOnlySpan<byte> BatchTag => "OrleansPbft/1 batch signature\0"u8;

    /// <summary>What a plain signature signs: the signed part of one envelope.</summary>
    public static Digest OfEnvelope(ReadOnlySpan<byte> signed) => OfTagged(SignatureTag, signed);

    /// <summary>The leaf that the signed part of one envelope is under a batch signature.</summary>
    public static Digest OfLeaf(ReadOnlySpan<byte> signed) => OfTagged(LeafTag, signed);

    /// <summary>The node over two.</summary>
    public static Digest OfNode(in Digest left, in Digest right)
    {
        Span<byte> input = stackalloc byte[NodeTag.Length + (2 * Digest.Bytes)];
        NodeTag.CopyTo(input);
        left.CopyTo(input[NodeTag.Length..]);
        right.CopyTo(input[(NodeTag.Length + Digest.Bytes)..]);
        return Digest.Of(input);
    }

    /// <summary>What a batch signature signs: the root, and whose envelopes and how many are under it.</summary>
    public static Digest OfBatch(ClusterId cluster, ReplicaId sender, int leafCount, in Digest root)
    {
        Span<byte> input = stackalloc byte[BatchTag.Length + ClusterId.Bytes + sizeof(byte) + sizeof(ushort) + Digest.Bytes];
        BatchTag.CopyTo(input);
        var writer = new WireWriter(input[BatchTag.Length..]);
        writer.WriteIdentifier(cluster.Value);
        writer.WriteByte((byte)sender.Index);
        writer.WriteUInt16((ushort)leafCount);
        writer.WriteDigest(root);
        return Digest.Of(input);
    }

    private static Digest OfTagged(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> signed)
    {
        // One buffer and the one-shot hash: an incremental one costs a native context, several times the hash of a vote.
        var length = tag.Length + signed.Length;
        var rented = length > StackBytesMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = (rented ?? stackalloc byte[StackBytesMax])[..length];
        tag.CopyTo(input);
        signed.CopyTo(input[tag.Length..]);
        var hash = Digest.Of(input);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }
}
