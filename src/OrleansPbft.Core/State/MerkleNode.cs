using System.Security.Cryptography;

namespace OrleansPbft.Core;

/// <summary>A node of a <see cref="MerkleMap"/>: a bucket of a few leaves, or sixteen children.</summary>
/// <remarks>
/// Maps share nodes. The one map that owns a node may change it; every other takes a copy first, so that what a snapshot holds stays as it
/// was. A digest kept in a shared node is no change: it follows from what the node holds.
/// </remarks>
internal sealed class MerkleNode(object owner)
{
    public const int Fanout = 16;
    public const int InnerBytes = 1 + (Fanout * Digest.Bytes);
    public const int PairBytes = 2 * Digest.Bytes;
    public const byte BucketTag = 0;
    public const byte InnerTag = 1;

    private StateLeaf[] _bucket = []; // by key digest; room for a few more than there are
    private Digest _hash;

    /// <summary>How many leaves the subtree holds.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they take in a chunk.</summary>
    public long EncodedBytes { get; private set; }

    /// <summary>Whether its digest is known.</summary>
    public bool IsHashed { get; private set; }

    /// <summary>The sixteen children of an inner node; null in a bucket.</summary>
    public MerkleNode?[]? Children { get; private set; }

    /// <summary>The leaves of a bucket, by key digest.</summary>
    public ReadOnlySpan<StateLeaf> Bucket => _bucket.AsSpan(0, Count);

    /// <summary>This node where it is <paramref name="map"/>'s to change, else a copy that is.</summary>
    public MerkleNode OwnedBy(object map)
    {
        if (ReferenceEquals(owner, map)) return this;
        return new(map)
        {
            Count = Count,
            EncodedBytes = EncodedBytes,
            IsHashed = IsHashed,
            _hash = _hash,
            Children = (MerkleNode?[]?)Children?.Clone(),
            _bucket = Children is null ? Bucket.ToArray() : [],
        };
    }

    /// <summary>The digest of what <see cref="WritePreimage(Span{byte})"/> writes; <paramref name="computed"/> counts how many had to be computed.</summary>
    public Digest ComputeHash(ref long computed)
    {
        if (IsHashed) return _hash;

        foreach (var child in Children ?? [])
        {
            if (child is not null) child.ComputeHash(ref computed);
        }

        Span<byte> preimage = stackalloc byte[1 + (MerkleMap.BucketEntriesMax * PairBytes)];
        Span<byte> hash = stackalloc byte[Digest.Bytes];
        SHA256.HashData(preimage[..WritePreimage(preimage)], hash);
        computed++;
        IsHashed = true;
        return _hash = new(hash);
    }

    /// <summary>Writes what the node's digest is the digest of: the digests of its children, or of its leaves. Needs the children's digests.</summary>
    public int WritePreimage(Span<byte> destination)
    {
        if (Children is null) return WritePreimage(Bucket, destination);

        destination[0] = InnerTag;
        var length = 1;
        foreach (var child in Children)
        {
            (child?._hash ?? Digest.Zero).CopyTo(destination[length..]);
            length += Digest.Bytes;
        }

        return length;
    }

    /// <summary>The same for the bucket that <paramref name="leaves"/> would be.</summary>
    public static int WritePreimage(ReadOnlySpan<StateLeaf> leaves, Span<byte> destination)
    {
        destination[0] = BucketTag;
        var length = 1;
        foreach (var leaf in leaves)
        {
            leaf.KeyDigest.CopyTo(destination[length..]);
            leaf.ValueDigest.CopyTo(destination[(length + Digest.Bytes)..]);
            length += PairBytes;
        }

        return length;
    }

    /// <summary>Puts a child in its place that was changed, or emptied.</summary>
    public void Replace(int nibble, MerkleNode child, int countBefore, long bytesBefore)
    {
        Children![nibble] = child.Count == 0 ? null : child;
        Count += child.Count - countBefore;
        EncodedBytes += child.EncodedBytes - bytesBefore;
        IsHashed = false;
    }

    /// <summary>Sets one leaf at the place that <see cref="Find"/> said.</summary>
    public void SetInBucket(int at, StateLeaf leaf)
    {
        IsHashed = false;
        EncodedBytes += leaf.EncodedBytes;
        if (at >= 0)
        {
            EncodedBytes -= _bucket[at].EncodedBytes;
            _bucket[at] = leaf;
            return;
        }

        at = ~at;
        if (Count == _bucket.Length) Array.Resize(ref _bucket, Math.Min(Math.Max(1, 2 * Count), MerkleMap.BucketEntriesMax + 1));
        _bucket.AsSpan(at, Count - at).CopyTo(_bucket.AsSpan(at + 1));
        _bucket[at] = leaf;
        Count++;
    }

    /// <summary>Takes one leaf out.</summary>
    public void RemoveFromBucket(int at)
    {
        IsHashed = false;
        EncodedBytes -= _bucket[at].EncodedBytes;
        _bucket.AsSpan(at + 1, Count - at - 1).CopyTo(_bucket.AsSpan(at));
        _bucket[--Count] = null!; // or the array would keep it alive
    }

    /// <summary>Makes a bucket that is too large an inner node.</summary>
    public void Split(int depth)
    {
        var leaves = Bucket;
        Children = new MerkleNode[Fanout];
        foreach (var leaf in leaves)
        {
            var child = Children[leaf.KeyDigest.Nibble(depth)] ??= new(owner);
            child.SetInBucket(~child.Count, leaf); // in ascending order, so that each goes to the end of its bucket
        }

        _bucket = [];
        foreach (var child in Children)
        {
            if (child?.Count > MerkleMap.BucketEntriesMax) child.Split(depth + 1);
        }
    }

    /// <summary>Makes an inner node that fits into one the bucket of all its leaves.</summary>
    public void Join()
    {
        var leaves = new List<StateLeaf>(Count);
        Gather(leaves);
        Children = null;
        _bucket = [.. leaves];
    }

    /// <summary>Adds all leaves of the subtree, by key digest.</summary>
    public void Gather(List<StateLeaf> leaves)
    {
        if (Children is null)
        {
            leaves.AddRange(Bucket);
            return;
        }

        foreach (var child in Children) child?.Gather(leaves);
    }

    /// <summary>The index in the bucket of the leaf at <paramref name="key"/>, or the complement of where it belongs.</summary>
    public int Find(in Digest key)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _bucket[middle].KeyDigest.CompareTo(key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}
