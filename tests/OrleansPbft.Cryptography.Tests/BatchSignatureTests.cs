using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>One signature over many replies proves each of them and nothing else (A-1, docs/adr/0003).</summary>
public sealed class BatchSignatureTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void A_leaf_is_valid_at_its_own_index_only(int count)
    {
        var envelopes = Seal(count);

        for (var i = 0; i < count; i++)
        {
            var frame = Forge.Frame(envelopes[i]);
            for (ushort other = 0; other < count; other++)
            {
                if (other == i) continue;
                var reason = Open(Rebuild(frame, index: other));
                Assert.True(reason is RejectReason.BadSignature or RejectReason.Truncated or RejectReason.TrailingBytes, $"{i} as {other}: {reason}");
            }
        }
    }

    [Fact]
    public void The_number_of_leaves_is_part_of_what_is_signed()
    {
        var frame = Forge.Frame(Seal(5)[0]);

        Assert.Equal(RejectReason.None, Open(Rebuild(frame)));
        Assert.Equal(RejectReason.BadSignature, Open(Rebuild(frame, count: 6)));
        Assert.Equal(RejectReason.BadSignature, Open(Rebuild(frame, count: 8)));
    }

    [Fact]
    public void An_index_or_a_count_that_can_not_be_is_malformed()
    {
        var frame = Forge.Frame(Seal(5)[0]);

        Assert.Equal(RejectReason.Malformed, Open(Rebuild(frame, index: 5)));
        Assert.Equal(RejectReason.Malformed, Open(Rebuild(frame, count: 0)));
        Assert.Equal(RejectReason.Malformed, Open(Rebuild(frame, index: 65535, count: 65535)));
    }

    [Fact]
    public void A_single_reply_has_one_canonical_seal_the_plain_one()
    {
        var single = _cluster.Sealer(R1).SealReplies([_cluster.Reply(sender: R1)])[0];
        var frame = Forge.Frame(single);
        var leaf = SigningHash.OfLeaf(frame.Signed.Span);
        var signature = new byte[EnvelopeEncoding.SignatureBytes];
        _cluster.Keys[1].Sign(SigningHash.OfBatch(_cluster.Membership.Id, R1, 1, leaf), signature);

        Assert.Equal(SealType.Signature, frame.SealType);
        Assert.Equal(RejectReason.Malformed, Open([.. frame.Signed.Span, (byte)SealType.BatchSignature, 0, 0, 1, 0, .. signature]));
    }

    [Fact]
    public void The_hashes_of_a_path_stay_where_they_are()
    {
        var frame = Forge.Frame(Seal(8)[3]);
        var path = frame.Path.ToArray();

        byte[] swapped = [.. path[32..64], .. path[..32], .. path[64..]];
        Assert.Equal(RejectReason.BadSignature, Open(Rebuild(frame, path: swapped)));
        for (var i = 0; i < path.Length; i++)
        {
            path[i] ^= 1;
            Assert.Equal(RejectReason.BadSignature, Open(Rebuild(frame, path: path)));
            path[i] ^= 1;
        }
    }

    [Fact]
    public void A_path_is_as_long_as_index_and_count_make_it()
    {
        var frame = Forge.Frame(Seal(8)[3]);
        var path = frame.Path.ToArray();

        Assert.Equal(RejectReason.TrailingBytes, Open(Rebuild(frame, path: [.. path, .. path[..32]])));
        Assert.Equal(RejectReason.Truncated, Open(Rebuild(frame, path: path[..64])));
    }

    [Fact]
    public void Only_a_reply_can_be_a_leaf()
    {
        var checkpoint = _cluster.Sealer(R1).Seal(new Checkpoint(new(128), Digest.Of("s"u8), R1));
        var signed = Forge.Frame(checkpoint).Signed;
        var reply = Forge.Frame(_cluster.Sealer(R1).SealReplies([_cluster.Reply(sender: R1)])[0]).Signed;
        var tree = new MerkleTree([SigningHash.OfLeaf(signed.Span), SigningHash.OfLeaf(reply.Span)]);
        var signature = new byte[EnvelopeEncoding.SignatureBytes];
        _cluster.Keys[1].Sign(SigningHash.OfBatch(_cluster.Membership.Id, R1, 2, tree.Root), signature);
        byte[] path = Bytes32(SigningHash.OfLeaf(reply.Span));

        Assert.Equal(RejectReason.SealNotAllowed, Open([.. signed.Span, (byte)SealType.BatchSignature, 0, 0, 2, 0, .. path, .. signature]));
    }

    [Fact]
    public void An_inner_node_is_no_leaf()
    {
        var leaves = Enumerable.Range(0, 4).Select(i => Digest.Of([(byte)i])).ToArray();
        var inner = SigningHash.OfNode(leaves[0], leaves[1]);

        // Whoever wants a node to pass for a leaf must find an envelope whose leaf hash it is: the tags keep the two apart.
        Assert.NotEqual(SigningHash.OfLeaf([.. Bytes32(leaves[0]), .. Bytes32(leaves[1])]), inner);
        Assert.NotEqual(SigningHash.OfEnvelope("x"u8), SigningHash.OfLeaf("x"u8));
    }

    [Fact]
    public void The_signature_of_a_batch_is_not_one_of_an_envelope_nor_of_another_replica()
    {
        var frame = Forge.Frame(Seal(2)[0]);
        byte[] plain = [.. frame.Signed.Span, (byte)SealType.Signature, .. frame.Signature.Span];
        var relabelled = Rebuild(frame);
        relabelled[19] = 2;

        Assert.Equal(RejectReason.BadSignature, Open(plain));
        Assert.Equal(RejectReason.BadSignature, Open(relabelled));
    }

    [Fact]
    public void Path_lengths_agree_with_the_tree_for_every_small_count()
    {
        for (var count = 1; count <= 65; count++)
        {
            var leaves = Enumerable.Range(0, count).Select(i => Digest.Of([(byte)i])).ToArray();
            var tree = new MerkleTree(leaves);
            for (var index = 0; index < count; index++)
            {
                var path = new byte[16 * Digest.Bytes];
                var writer = new WireWriter(path);
                tree.WritePath(index, ref writer);

                Assert.Equal(EnvelopeEncoding.PathLength(index, count) * Digest.Bytes, writer.Position);
                Assert.Equal(tree.Root, MerkleTree.RootOf(leaves[index], index, count, path.AsSpan(0, writer.Position)));
            }
        }
    }

    [Fact]
    public void A_client_verifies_one_signature_for_all_replies_of_a_batch()
    {
        var envelopes = Seal(100);
        var signatures = new SignatureCache();
        var opener = new EnvelopeOpener(_cluster.Membership, Options, new(signatures));

        foreach (var envelope in envelopes) Assert.Equal(RejectReason.None, opener.TryOpen(envelope, out _));

        Assert.Equal(1, signatures.Count);
    }

    public void Dispose() => _cluster.Dispose();

    private static byte[] Bytes32(Digest digest)
    {
        var bytes = new byte[Digest.Bytes];
        digest.CopyTo(bytes);
        return bytes;
    }

    private static byte[] Rebuild(EnvelopeFrame frame, int? index = null, int? count = null, byte[]? path = null)
    {
        var seal = new byte[EnvelopeEncoding.BatchSealHeaderBytes];
        var writer = new WireWriter(seal);
        writer.WriteUInt16((ushort)(index ?? frame.LeafIndex));
        writer.WriteUInt16((ushort)(count ?? frame.LeafCount));
        return [.. frame.Signed.Span, (byte)SealType.BatchSignature, .. seal, .. path ?? frame.Path.ToArray(), .. frame.Signature.Span];
    }

    private byte[][] Seal(int count) =>
        _cluster.Sealer(R1).SealReplies([.. Enumerable.Range(1, count).Select(i => _cluster.Reply(number: i, sender: R1))]);

    private RejectReason Open(byte[] envelope) => _cluster.Opener().TryOpen(envelope, out _);
}
