using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>One entry of an <see cref="OrderedStore"/>.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">The store's revision when it was last written: 1 or more.</param>
public sealed record StoreEntry(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, long Version);

/// <summary>A map from byte strings to byte strings, in the order of the keys' bytes, with an incremental Merkle root and transactions.</summary>
/// <remarks>
/// Every write takes the next revision, which becomes the entry's version. Revisions are never reused, so that a version names one
/// value for ever, through deletions too. What a transaction changed can be taken back whole (rule S-3). Not thread-safe.
/// </remarks>
public sealed class OrderedStore
{
    private readonly SortedSet<StoreEntry> _entries = new(ByKey.Instance);
    private readonly MerkleMap _digests = new();
    private readonly Stack<(ReadOnlyMemory<byte> Key, StoreEntry? Before)> _undo = [];
    private long _revisionBefore;
    private bool _inTransaction;

    /// <summary>The revision of the last write; 0 in a new store.</summary>
    public long Revision { get; private set; }

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The root over all entries and the revision. Its cost follows what changed since it was last asked for (K-2).</summary>
    public Digest Root
    {
        get
        {
            Span<byte> root = stackalloc byte[Digest.Bytes + sizeof(long)];
            _digests.Root.CopyTo(root);
            BinaryPrimitives.WriteInt64LittleEndian(root[Digest.Bytes..], Revision);
            return Digest.Of(root);
        }
    }

    /// <summary>The entry at <paramref name="key"/>, or null.</summary>
    public StoreEntry? Find(ReadOnlyMemory<byte> key) => _entries.TryGetValue(Probe(key), out var entry) ? entry : null;

    /// <summary>The entries whose keys are at or after <paramref name="from"/>, in order.</summary>
    public IEnumerable<StoreEntry> From(ReadOnlyMemory<byte> from)
    {
        if (_entries.Max is not { } last || ByKey.Instance.Compare(Probe(from), last) > 0) return [];
        return _entries.GetViewBetween(Probe(from), last);
    }

    /// <summary>Writes <paramref name="value"/> at <paramref name="key"/>; both are copied. Returns the entry.</summary>
    public StoreEntry Put(ReadOnlyMemory<byte> key, ReadOnlySpan<byte> value)
    {
        var before = Find(key);
        var entry = new StoreEntry(before?.Key ?? key.ToArray(), value.ToArray(), ++Revision);
        Remember(entry.Key, before);
        if (before is not null) _entries.Remove(before);
        Insert(entry);
        return entry;
    }

    /// <summary>Takes the entry at <paramref name="key"/> out and returns it; null when there is none.</summary>
    public StoreEntry? Delete(ReadOnlyMemory<byte> key)
    {
        if (Find(key) is not { } entry) return null;
        Revision++;
        Remember(entry.Key, entry);
        _entries.Remove(entry);
        _digests.Remove(entry.Key.Span);
        return entry;
    }

    /// <summary>Starts a transaction: what is written from here on can be taken back by <see cref="Rollback"/>.</summary>
    public void Begin()
    {
        _undo.Clear();
        _revisionBefore = Revision;
        _inTransaction = true;
    }

    /// <summary>Ends the transaction; what it wrote stays.</summary>
    public void Commit()
    {
        _undo.Clear();
        _inTransaction = false;
    }

    /// <summary>Ends the transaction as if it had never begun.</summary>
    public void Rollback()
    {
        while (_undo.TryPop(out var change))
        {
            if (Find(change.Key) is { } now) _entries.Remove(now);
            if (change.Before is { } before) Insert(before);
            else _digests.Remove(change.Key.Span);
        }

        Revision = _revisionBefore;
        _inTransaction = false;
    }

    private static StoreEntry Probe(ReadOnlyMemory<byte> key) => new(key, default, 0);

    private void Insert(StoreEntry entry)
    {
        _entries.Add(entry);
        _digests.Set(entry.Key.Span, DigestOf(entry));
    }

    private void Remember(ReadOnlyMemory<byte> key, StoreEntry? before)
    {
        if (_inTransaction) _undo.Push((key, before));
    }

    private static Digest DigestOf(StoreEntry entry)
    {
        // version ‖ SHA-256(value): fixed lengths, so that no two entries have one encoding.
        Span<byte> bytes = stackalloc byte[sizeof(long) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.Version);
        SHA256.HashData(entry.Value.Span, bytes[sizeof(long)..]);
        return Digest.Of(bytes);
    }

    private sealed class ByKey : IComparer<StoreEntry>
    {
        public static ByKey Instance { get; } = new();

        public int Compare(StoreEntry? x, StoreEntry? y) => x!.Key.Span.SequenceCompareTo(y!.Key.Span);
    }
}
