using System.Collections.Immutable;
using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>What replicas say to each other when a view ends or a state is fetched: small messages with something in every part.</summary>
internal static class PeerMessages
{
    public static readonly Digest StateDigest = Digest.Of("state"u8);

    /// <summary>For view 2: two checkpoints; 130 prepared; 129 and, with two digests, 130 pre-prepared.</summary>
    public static ViewChange ViewChange(ReplicaId sender, long view = 2)
    {
        var (low, high) = (Digest.Of("a"u8), Digest.Of("b"u8));
        if (low.CompareTo(high) > 0) (low, high) = (high, low);
        return new(
            new(view),
            new(128),
            [new(new(128), StateDigest), new(new(256), Digest.Of("later"u8))],
            [new(new(130), high, new(1))],
            [new(new(129), high, new(0)), new(new(130), low, new(0)), new(new(130), high, new(1))],
            sender);
    }

    /// <summary>For view 2, of q VIEW-CHANGEs, each sealed by its sender, which decide what it says.</summary>
    public static NewView NewView(TestCluster cluster, ReplicaId sender)
    {
        ImmutableArray<ViewChange> set = [.. Enumerable.Range(0, Options.Cluster.Quorum).Select(i => Sealed(cluster, ViewChange(new(i))))];
        return new(new(2), set, ViewChangeDecision.Decide(Options.Cluster, Options.LogWindow, set)!, sender);
    }

    /// <summary>The same with the envelope its sender gives it.</summary>
    public static ViewChange Sealed(TestCluster cluster, ViewChange one) => new(
        one.View, one.StableCheckpoint, one.Checkpoints, one.Prepared, one.PrePrepared, one.Sender, cluster.Sealer(one.Sender).Seal(one));

    /// <summary>The bytes of the address of a chunk, canonical or not.</summary>
    public static byte[] IdBytes(byte section, byte whole, byte depth, params byte[] digits)
    {
        var bytes = new byte[ChunkId.EncodedBytes];
        (bytes[0], bytes[1], bytes[2]) = (section, whole, depth);
        digits.CopyTo(bytes, 3);
        return bytes;
    }

    /// <summary>The address of a chunk.</summary>
    public static ChunkId Id(byte section, byte whole, byte depth, params byte[] digits)
    {
        var reader = new WireReader(IdBytes(section, whole, depth, digits));
        Assert.True(ChunkId.TryRead(ref reader, out var id));
        return id;
    }
}
