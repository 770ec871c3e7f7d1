using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>A map from byte strings to byte strings, in the order of the keys' bytes, with an incremental Merkle root and transactions.</summary>
/// <remarks>
/// <para>Every write takes the next revision, which becomes the entry's version. Revisions are never reused, so that a version names one
/// value for ever, through deletions too. What a transaction changed can be taken back whole (rule S-3). Not thread-safe.</para>
/// <para>Every replica executes every write, so a write does only what can not wait: it looks its key up, keeps the value, and notes
/// that the entry changed. Nothing is hashed before <see cref="Root"/> is asked for, and the order of keys is touched only where
/// a key comes or goes.</para>
/// </remarks>
public sealed class OrderedStore
{
    private readonly Dictionary<byte[], StoreEntry> _entries = new(ByContent.Instance);
    private readonly Dictionary<byte[], StoreEntry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private readonly SortedSet<StoreEntry> _order = new(ByKey.Instance);
    private readonly MerkleMap _digests = new();
    private readonly List<StoreEntry> _dirty = [];
    private readonly Stack<Change> _undo = [];
    private byte[] _scratch = new byte[256];
    private long _revisionBefore;
    private bool _inTransaction;

    /// <summary>Starts empty.</summary>
    public OrderedStore() => _byKey = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The revision of the last write; 0 in a new store.</summary>
    public long Revision { get; private set; }

    /// <summary>How many entries there are.</summary>
    public int Count => _order.Count;

    /// <summary>The root over all entries and the revision. Its cost follows how many keys changed since it was last asked for (K-2).</summary>
    public Digest Root
    {
        get
        {
            DigestWhatChanged();
            Span<byte> root = stackalloc byte[Digest.Bytes + sizeof(long)];
            _digests.Root.CopyTo(root);
            BinaryPrimitives.WriteInt64LittleEndian(root[Digest.Bytes..], Revision);
            return Digest.Of(root);
        }
    }

    /// <summary>The entry at <paramref name="key"/>, or null.</summary>
    public StoreEntry? Find(ReadOnlySpan<byte> key) => _byKey.TryGetValue(key, out var entry) && entry.IsPresent ? entry : null;

    /// <summary>The entries whose keys are at or after <paramref name="from"/>, in order.</summary>
    public IEnumerable<StoreEntry> From(ReadOnlySpan<byte> from)
    {
        if (_order.Max is not { } last || from.SequenceCompareTo(last.KeyArray) > 0) return [];
        return _order.GetViewBetween(new(from.ToArray()), last);
    }

    /// <summary>Writes <paramref name="value"/> at <paramref name="key"/>; both are copied. Returns the entry.</summary>
    public StoreEntry Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_byKey.TryGetValue(key, out var entry))
        {
            entry = new(key.ToArray());
            _entries.Add(entry.KeyArray, entry);
        }

        Remember(entry);
        Become(entry, value.ToArray(), ++Revision);
        return entry;
    }

    /// <summary>Takes the entry at <paramref name="key"/> out and returns the version it had; null when there is none.</summary>
    public long? Delete(ReadOnlySpan<byte> key)
    {
        if (Find(key) is not { } entry) return null;
        var version = entry.Version;
        Revision++;
        Remember(entry);
        Become(entry, [], version: 0);
        return version;
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
        while (_undo.TryPop(out var change)) Become(change.Entry, change.ValueBefore, change.VersionBefore);
        Revision = _revisionBefore;
        _inTransaction = false;
    }

    /// <summary>The one place an entry changes: value, version, its place in the order, and that its digest is out of date.</summary>
    private void Become(StoreEntry entry, byte[] value, long version)
    {
        var wasPresent = entry.IsPresent;
        entry.Become(value, version);
        if (entry.IsPresent != wasPresent)
        {
            if (wasPresent) _order.Remove(entry);
            else _order.Add(entry);
        }

        if (entry.IsDirty) return;
        entry.IsDirty = true;
        _dirty.Add(entry);
    }

    private void Remember(StoreEntry entry)
    {
        if (_inTransaction) _undo.Push(new(entry, entry.ValueArray, entry.Version));
    }

    private void DigestWhatChanged()
    {
        var kept = 0;
        foreach (var entry in CollectionsMarshal.AsSpan(_dirty))
        {
            if (entry.IsPresent)
            {
                var key = entry.KeyDigest ??= Digest.Of(entry.KeyArray);
                _digests.Set(key, DigestOf(entry));
            }
            else
            {
                if (entry.KeyDigest is { } key) _digests.Remove(key);
                if (_inTransaction)
                {
                    _dirty[kept++] = entry; // a rollback may bring it back
                    continue;
                }

                _entries.Remove(entry.KeyArray);
            }

            entry.IsDirty = false;
        }

        _dirty.RemoveRange(kept, _dirty.Count - kept);
    }

    private Digest DigestOf(StoreEntry entry)
    {
        // version ‖ value: the version has a fixed length, so that no two entries have one encoding.
        var value = entry.ValueArray;
        var length = sizeof(long) + value.Length;
        if (length > _scratch.Length) _scratch = new byte[Math.Max(length, 2 * _scratch.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(_scratch, entry.Version);
        value.CopyTo(_scratch, sizeof(long));
        return Digest.Of(_scratch.AsSpan(0, length));
    }

    private readonly record struct Change(StoreEntry Entry, byte[] ValueBefore, long VersionBefore);

    private sealed class ByKey : IComparer<StoreEntry>
    {
        public static ByKey Instance { get; } = new();

        public int Compare(StoreEntry? x, StoreEntry? y) => x!.KeyArray.AsSpan().SequenceCompareTo(y!.KeyArray);
    }

    private sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static ByContent Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            // As strings are hashed, with a secret of this process: clients choose the keys, and must not be able to choose collisions.
            // Only look-ups depend on it, never an order, so that replicas with other secrets do the same.
            var hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(alternate));
            return alternate.Length % sizeof(char) == 0 ? hash : unchecked((hash * 257) + alternate[^1]);
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
