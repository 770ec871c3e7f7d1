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
    public void Set(ReadOnlySpan<byte> key, Digest value) => Set(_root, depth: 0, Digest.Of(key), value);

    /// <summary>Takes <paramref name="key"/> out; false when it was not there.</summary>
    public bool Remove(ReadOnlySpan<byte> key) => Remove(_root, depth: 0, Digest.Of(key));

    /// <summary>Takes every key out.</summary>
    public void Clear() => _root = new();

    private static bool Set(Node node, int depth, Digest key, Digest value)
    {
        bool added;
        if (node.Children is { } children)
        {
            added = Set(children[key.Nibble(depth)] ??= new(), depth + 1, key, value);
        }
        else
        {
            var at = node.Find(key);
            added = at < 0;
            if (added) node.Entries.Insert(~at, new(key, value));
            else if (node.Entries[at].Value == value) return false; // nothing changed, nothing to hash
            else node.Entries[at] = new(key, value);
        }

        node.IsHashed = false;
        if (!added) return false;
        node.Count++;
        if (node.Children is null && node.Count > BucketEntriesMax) node.Split(depth);
        return true;
    }

    private static bool Remove(Node node, int depth, Digest key)
    {
        if (node.Children is { } children)
        {
            var nibble = key.Nibble(depth);
            if (children[nibble] is not { } child || !Remove(child, depth + 1, key)) return false;
            if (child.Count == 0) children[nibble] = null;
        }
        else
        {
            var at = node.Find(key);
            if (at < 0) return false;
            node.Entries.RemoveAt(at);
        }

        node.IsHashed = false;
        node.Count--;
        if (node.Children is not null && node.Count <= BucketEntriesMax) node.Join();
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
            foreach (var (key, value) in node.Entries)
            {
                key.CopyTo(_scratch.AsSpan(length));
                value.CopyTo(_scratch.AsSpan(length + Digest.Bytes));
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
        public int Count { get; set; }

        public bool IsHashed { get; set; }

        public Digest Hash { get; set; }

        /// <summary>The entries of a bucket, by key.</summary>
        public List<Entry> Entries { get; private set; } = new(capacity: 2);

        /// <summary>The sixteen children of an inner node; null in a bucket.</summary>
        public Node?[]? Children { get; private set; }

        /// <summary>The index of <paramref name="key"/>, or the complement of where it belongs.</summary>
        public int Find(Digest key)
        {
            var (low, high) = (0, Entries.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var order = Entries[middle].Key.CompareTo(key);
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }

        public void Split(int depth)
        {
            Children = new Node[Fanout];
            foreach (var entry in Entries)
            {
                var child = Children[entry.Key.Nibble(depth)] ??= new();
                child.Entries.Add(entry);
                child.Count++;
            }

            Entries = [];
            foreach (var child in Children)
            {
                if (child?.Count > BucketEntriesMax) child.Split(depth + 1);
            }
        }

        public void Join()
        {
            var entries = new List<Entry>(Count);
            Gather(entries);
            Children = null;
            Entries = entries;
        }

        private void Gather(List<Entry> entries)
        {
            entries.AddRange(Entries);
            foreach (var child in Children ?? []) child?.Gather(entries);
        }
    }
}
