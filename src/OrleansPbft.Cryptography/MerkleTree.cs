using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The tree under a batch signature. A node without a right neighbour moves up as it is, so index and count fix a path's shape.</summary>
internal sealed class MerkleTree
{
    private readonly Digest[][] _levels;

    /// <summary>Builds the tree over 1 or more leaves.</summary>
    public MerkleTree(Digest[] leaves)
    {
        var levels = new List<Digest[]> { leaves };
        while (levels[^1] is { Length: > 1 } below)
        {
            var level = new Digest[(below.Length + 1) / 2];
            for (var i = 0; i < level.Length; i++)
            {
                level[i] = (2 * i) + 1 < below.Length ? SigningHash.OfNode(below[2 * i], below[(2 * i) + 1]) : below[2 * i];
            }

            levels.Add(level);
        }

        _levels = [.. levels];
    }

    /// <summary>The root.</summary>
    public Digest Root => _levels[^1][0];

    /// <summary>Writes the hashes that lead from a leaf to the root.</summary>
    public void WritePath(int index, ref WireWriter writer)
    {
        foreach (var level in _levels)
        {
            var sibling = index ^ 1;
            if (sibling < level.Length) writer.WriteDigest(level[sibling]);
            index >>= 1;
        }
    }

    /// <summary>The root that a leaf and its path lead to. The path has <see cref="EnvelopeEncoding.PathLength"/> hashes: the frame saw to it.</summary>
    public static Digest RootOf(Digest leaf, int index, int count, ReadOnlySpan<byte> path)
    {
        var node = leaf;
        for (; count > 1; index >>= 1, count = (count + 1) >> 1)
        {
            if ((index ^ 1) >= count) continue;
            var sibling = new Digest(path[..Digest.Bytes]);
            path = path[Digest.Bytes..];
            node = (index & 1) == 0 ? SigningHash.OfNode(node, sibling) : SigningHash.OfNode(sibling, node);
        }

        return node;
    }
}
