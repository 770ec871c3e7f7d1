using System.Security.Cryptography;

namespace OrleansPbft.Core;

/// <summary>An incremental Merkle root over a map from keys to digests (rule K-2).</summary>
/// <remarks>
/// A radix-16 trie over the SHA-256 of the keys. A subtree of at most <see cref="BucketEntriesMax"/> entries is one sorted bucket and a
/// larger one is never, so the shape, and with it the root, follows from the content alone and not from how it came about. A change
/// marks its path; <see cref="Root"/> hashes only what is marked. Not thread-safe.
/// </remarks>
public sealed class MerkleMap
{
    /// <summary>The most entries a subtree holds as one bucket.</summary>
    public const int BucketEntriesMax = 16;

    private const int Fanout = 16;
    private const byte BucketTag = 0;
    private const byte InnerTag = 1;

    private readonly byte[] _scratch = new byte[1 + (BucketEntriesMax * 2 * Digest.Bytes)];
    private Node _root = new();

    /// <summary>How many keys there are.</summary>
    public int Count => _root.Count;

    /// <summary>How many nodes have been hashed so far: the cost of keeping the root.</summary>
    internal long HashesComputed { get; private set; }

    /// <summary>The root; <see cref="Digest.Zero"/> of an empty map. Hashes what changed since it was last asked for.</summary>
    public Digest Root => _root.Count == 0 ? Digest.Zero : HashOf(_root);

    /// <summary>Sets the digest that <paramref name="key"/> maps to.</summary>
    public void Set(ReadOnlySpan<byte> key, Digest value) => Set(Digest.Of(key), value);

    /// <summary>Sets the digest that a key maps to, by the digest of the key: for a caller that keeps it.</summary>
    public void Set(Digest key, Digest value) => Set(_root, depth: 0, new(key, value));

    /// <summary>Takes <paramref name="key"/> out; false when it was not there.</summary>
    public bool Remove(ReadOnlySpan<byte> key) => Remove(Digest.Of(key));

    /// <summary>Takes a key out, by the digest of the key; false when it was not there.</summary>
    public bool Remove(Digest key) => Remove(_root, depth: 0, key);

    /// <summary>Takes every key out.</summary>
    public void Clear() => _root = new();

    /// <summary>Sets one entry of a subtree; false when nothing changed, so that nothing above is marked either.</summary>
    private static bool Set(Node node, int depth, in Entry entry)
    {
        if (node.Children is { } children)
        {
            var child = children[entry.Key.Nibble(depth)] ??= new();
            var before = child.Count;
            if (!Set(child, depth + 1, entry)) return false;
            node.Count += child.Count - before;
        }
        else if (!node.SetInBucket(entry))
        {
            return false;
        }
        else if (node.Count > BucketEntriesMax)
        {
            node.Split(depth);
        }

        node.IsHashed = false;
        return true;
    }

    private static bool Remove(Node node, int depth, in Digest key)
    {
        if (node.Children is { } children)
        {
            var nibble = key.Nibble(depth);
            if (children[nibble] is not { } child || !Remove(child, depth + 1, key)) return false;
            if (child.Count == 0) children[nibble] = null;
            node.Count--;
            if (node.Count <= BucketEntriesMax) node.Join();
        }
        else if (!node.RemoveFromBucket(key))
        {
            return false;
        }

        node.IsHashed = false;
        return true;
    }

    private Digest HashOf(Node node)
    {
        if (node.IsHashed) return node.Hash;

        var length = 1;
        if (node.Children is { } children)
        {
            // Children first: they share the scratch buffer.
            foreach (var child in children)
            {
                if (child is not null) HashOf(child);
            }

            _scratch[0] = InnerTag;
            foreach (var child in children)
            {
                (child?.Hash ?? Digest.Zero).CopyTo(_scratch.AsSpan(length));
                length += Digest.Bytes;
            }
        }
        else
        {
            _scratch[0] = BucketTag;
            foreach (ref readonly var entry in node.Bucket)
            {
                entry.Key.CopyTo(_scratch.AsSpan(length));
                entry.Value.CopyTo(_scratch.AsSpan(length + Digest.Bytes));
                length += 2 * Digest.Bytes;
            }
        }

        Span<byte> hash = stackalloc byte[Digest.Bytes];
        SHA256.HashData(_scratch.AsSpan(0, length), hash);
        HashesComputed++;
        node.Hash = new(hash);
        node.IsHashed = true;
        return node.Hash;
    }

    private readonly record struct Entry(Digest Key, Digest Value);

    private sealed class Node
    {
        private Entry[] _bucket = []; // by key; room for a few more than there are

        /// <summary>How many entries the subtree holds.</summary>
        public int Count { get; set; }

        public bool IsHashed { get; set; }

        public Digest Hash { get; set; }

        /// <summary>The sixteen children of an inner node; null in a bucket.</summary>
        public Node?[]? Children { get; private set; }

        /// <summary>The entries of a bucket, by key.</summary>
        public ReadOnlySpan<Entry> Bucket => _bucket.AsSpan(0, Count);

        /// <summary>Sets one entry; false when that changes nothing.</summary>
        public bool SetInBucket(in Entry entry)
        {
            var at = Find(entry.Key);
            if (at >= 0)
            {
                if (_bucket[at].Value == entry.Value) return false;
                _bucket[at] = entry;
                return true;
            }

            at = ~at;
            if (Count == _bucket.Length) Array.Resize(ref _bucket, Math.Min(Math.Max(1, 2 * Count), BucketEntriesMax + 1));
            _bucket.AsSpan(at, Count - at).CopyTo(_bucket.AsSpan(at + 1));
            _bucket[at] = entry;
            Count++;
            return true;
        }

        /// <summary>Takes one entry out; false when it was not there.</summary>
        public bool RemoveFromBucket(in Digest key)
        {
            var at = Find(key);
            if (at < 0) return false;
            _bucket.AsSpan(at + 1, Count - at - 1).CopyTo(_bucket.AsSpan(at));
            Count--;
            return true;
        }

        /// <summary>Makes a bucket that is too large an inner node.</summary>
        public void Split(int depth)
        {
            var entries = Bucket;
            Children = new Node[Fanout];
            foreach (ref readonly var entry in entries)
            {
                // In ascending order, so that each goes to the end of its bucket.
                (Children[entry.Key.Nibble(depth)] ??= new()).SetInBucket(entry);
            }

            _bucket = [];
            foreach (var child in Children)
            {
                if (child?.Count > BucketEntriesMax) child.Split(depth + 1);
            }
        }

        /// <summary>Makes an inner node that fits into one the bucket of all its entries.</summary>
        public void Join()
        {
            var entries = new Entry[Count];
            var length = 0;
            Gather(entries, ref length);
            Children = null;
            _bucket = entries;
        }

        private void Gather(Span<Entry> entries, ref int length)
        {
            if (Children is null)
            {
                Bucket.CopyTo(entries[length..]);
                length += Count;
                return;
            }

            foreach (var child in Children) child?.Gather(entries, ref length);
        }

        /// <summary>The index of <paramref name="key"/>, or the complement of where it belongs.</summary>
        private int Find(in Digest key)
        {
            var (low, high) = (0, Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var order = _bucket[middle].Key.CompareTo(key);
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }
    }
}
