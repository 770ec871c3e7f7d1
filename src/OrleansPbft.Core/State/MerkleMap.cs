namespace OrleansPbft.Core;

/// <summary>An incremental Merkle root over leaves by key (rule K-2), that can be forked at no cost (rule ST-1).</summary>
/// <remarks>
/// A radix-16 trie over the SHA-256 of the keys. A subtree of at most <see cref="BucketEntriesMax"/> leaves is one sorted bucket and a
/// larger one is never, so the shape, and with it the root, follows from the content alone and not from how it came about. A change
/// marks its path; <see cref="Root"/> hashes only what is marked. Forks share their nodes until one of them changes. Not thread-safe.
/// </remarks>
internal sealed class MerkleMap
{
    /// <summary>The most leaves a subtree holds as one bucket.</summary>
    public const int BucketEntriesMax = 16;

    /// <summary>How deep nodes can be: at most sixteen keys have all but their last digit in common, so those are one bucket.</summary>
    public const int DepthMax = (2 * Digest.Bytes) - 1;

    private object _owner;
    private MerkleNode _root;
    private long _hashesComputed;

    /// <summary>Starts empty.</summary>
    public MerkleMap()
    {
        _owner = new();
        _root = new(_owner);
    }

    private MerkleMap(MerkleNode root) => (_owner, _root) = (new(), root);

    /// <summary>How many leaves there are.</summary>
    public int Count => _root.Count;

    /// <summary>How many bytes all leaves take in chunks.</summary>
    public long EncodedBytes => _root.EncodedBytes;

    /// <summary>How many nodes have been hashed so far: the cost of keeping the root.</summary>
    public long HashesComputed => _hashesComputed;

    /// <summary>The root; <see cref="Digest.Zero"/> of an empty map. Hashes what changed since it was last asked for.</summary>
    public Digest Root => _root.Count == 0 ? Digest.Zero : _root.ComputeHash(ref _hashesComputed);

    /// <summary>A map of the same content. What either does from here on the other does not see.</summary>
    public MerkleMap Fork()
    {
        _ = Root; // once, and not in each of the two
        _owner = new(); // what is shared now belongs to neither
        return new(_root);
    }

    /// <summary>Sets the leaf at its key; false when one of the same value is there already.</summary>
    public bool Set(StateLeaf leaf) => Set(ref _root, depth: 0, leaf);

    /// <summary>Takes the leaf of a key out; false when there was none.</summary>
    public bool Remove(in Digest key) => Remove(ref _root, depth: 0, key);

    /// <summary>The leaf of a key, or null.</summary>
    public StateLeaf? Find(in Digest key)
    {
        var node = _root;
        for (var depth = 0; node.Children is { } children; depth++)
        {
            if (children[key.Nibble(depth)] is not { } child) return null;
            node = child;
        }

        var at = node.Find(key);
        return at >= 0 ? node.Bucket[at] : null;
    }

    /// <summary>The node at a place, its digest and those below it computed; null where none begins just there.</summary>
    public MerkleNode? NodeAt(int depth, in Digest prefix)
    {
        _ = Root;
        MerkleNode? node = _root;
        for (var at = 0; at < depth && node is not null; at++) node = node.Children?[prefix.Nibble(at)];
        return node?.Count == 0 ? null : node;
    }

    /// <summary>What the digest of the node at a place is or, with the leaves there are, would be; zero without any.</summary>
    public Digest DigestAt(int depth, in Digest prefix)
    {
        if (NodeAt(depth, prefix) is { } node) return node.ComputeHash(ref _hashesComputed);

        var leaves = LeavesAt(depth, prefix); // part of a bucket further up, so no more than a bucket holds
        if (leaves.Count == 0) return Digest.Zero;
        Span<byte> preimage = stackalloc byte[1 + (BucketEntriesMax * MerkleNode.PairBytes)];
        return Digest.Of(preimage[..MerkleNode.WritePreimage(leaves.ToArray(), preimage)]);
    }

    /// <summary>How many leaves there are at and below a place.</summary>
    public int CountAt(int depth, in Digest prefix) => NodeAt(depth, prefix)?.Count ?? LeavesAt(depth, prefix).Count;

    /// <summary>All leaves at and below a place, by key digest.</summary>
    public List<StateLeaf> LeavesAt(int depth, in Digest prefix)
    {
        var leaves = new List<StateLeaf>();
        var node = _root;
        for (var at = 0; at < depth; at++)
        {
            if (node.Children is { } children)
            {
                if (children[prefix.Nibble(at)] is not { } child) return leaves;
                node = child;
                continue;
            }

            foreach (var leaf in node.Bucket)
            {
                if (leaf.KeyDigest.Prefix(depth) == prefix) leaves.Add(leaf);
            }

            return leaves;
        }

        node.Gather(leaves);
        return leaves;
    }

    /// <summary>Makes <paramref name="leaves"/>, in the order of their key digests, all there is at and below a place.</summary>
    public void Replace(int depth, in Digest prefix, IReadOnlyList<StateLeaf> leaves)
    {
        var kept = 0;
        foreach (var old in LeavesAt(depth, prefix))
        {
            while (kept < leaves.Count && leaves[kept].KeyDigest.CompareTo(old.KeyDigest) < 0) kept++;
            if (kept == leaves.Count || leaves[kept].KeyDigest != old.KeyDigest) Remove(old.KeyDigest);
        }

        foreach (var leaf in leaves) Set(leaf);
    }

    private bool Set(ref MerkleNode node, int depth, StateLeaf leaf)
    {
        if (node.Children is { } children)
        {
            var nibble = leaf.KeyDigest.Nibble(depth);
            var child = children[nibble] ?? new(_owner);
            var (count, bytes) = (child.Count, child.EncodedBytes);
            if (!Set(ref child, depth + 1, leaf)) return false; // nothing changed, so that nothing above is marked either
            node = node.OwnedBy(_owner);
            node.Replace(nibble, child, count, bytes);
            return true;
        }

        var at = node.Find(leaf.KeyDigest);
        if (at >= 0 && node.Bucket[at].ValueDigest == leaf.ValueDigest) return false;
        node = node.OwnedBy(_owner);
        node.SetInBucket(at, leaf);
        if (node.Count > BucketEntriesMax) node.Split(depth);
        return true;
    }

    private bool Remove(ref MerkleNode node, int depth, in Digest key)
    {
        if (node.Children is { } children)
        {
            var nibble = key.Nibble(depth);
            if (children[nibble] is not { } child) return false;
            var (count, bytes) = (child.Count, child.EncodedBytes);
            if (!Remove(ref child, depth + 1, key)) return false;
            node = node.OwnedBy(_owner);
            node.Replace(nibble, child, count, bytes);
            if (node.Count <= BucketEntriesMax) node.Join();
            return true;
        }

        var at = node.Find(key);
        if (at < 0) return false;
        node = node.OwnedBy(_owner);
        node.RemoveFromBucket(at);
        return true;
    }
}
