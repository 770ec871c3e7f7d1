using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>A map from byte strings to byte strings, in the order of the keys' bytes, with an incremental Merkle tree and transactions.</summary>
/// <remarks>
/// <para>Every write takes the next revision, which becomes the entry's version. Revisions are never reused, so that a version names one
/// value for ever, through deletions too. What a transaction changed can be taken back whole (rule S-3). Not thread-safe.</para>
/// <para>Every replica executes every write, so a write does only what can not wait: it looks its key up, keeps the value, and notes
/// that the entry changed. Nothing is hashed before <see cref="State"/> is asked for, and the order of keys is touched only where
/// a key comes or goes.</para>
/// </remarks>
public sealed class OrderedStore
{
    private readonly Dictionary<byte[], StoreEntry> _entries = new(ByContent.Instance);
    private readonly Dictionary<byte[], StoreEntry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private readonly List<StoreEntry> _dirty = [];
    private readonly Stack<Change> _undo = [];
    private SortedSet<StoreEntry> _order = new(ByKey.Instance);
    private StateTree _tree = new();
    private long _revisionBefore;
    private bool _inTransaction;

    /// <summary>Starts empty.</summary>
    public OrderedStore() => _byKey = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The revision of the last write; 0 in a new store.</summary>
    public long Revision { get; private set; }

    /// <summary>How many entries there are.</summary>
    public int Count => _order.Count;

    /// <summary>All entries with their versions, and in the header the revision. Its cost follows how many keys changed since the last time (K-2).</summary>
    public StateTree State
    {
        get
        {
            DigestWhatChanged();
            Span<byte> header = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(header, Revision);
            _tree.SetHeader(header);
            return _tree;
        }
    }

    /// <summary>The root of <see cref="State"/>.</summary>
    public Digest Root => State.Root;

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

    /// <summary>Becomes what <paramref name="state"/> says, which is its own from here on (rule ST-1).</summary>
    /// <returns>False where it is no state of a store, which is then unchanged.</returns>
    public bool Restore(StateTree state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Header.Length != sizeof(long)) return false;
        var revision = BinaryPrimitives.ReadInt64LittleEndian(state.Header);
        var entries = new List<StoreEntry>(state.Count);
        foreach (var entry in state.Entries)
        {
            if (entry.Version < 1 || entry.Version > revision) return false;
            entries.Add(new(entry));
        }

        _entries.Clear();
        _entries.EnsureCapacity(entries.Count);
        foreach (var entry in entries) _entries.Add(entry.KeyArray, entry);
        _order = new(entries, ByKey.Instance);
        _dirty.Clear();
        _undo.Clear();
        _inTransaction = false;
        _tree = state;
        Revision = revision;
        return true;
    }

    /// <summary>Forgets every digest it keeps, so that <see cref="State"/> is taken of keys and values as they are now (rule K-3).</summary>
    public void Rehash()
    {
        _tree = new();
        foreach (var entry in _order)
        {
            entry.KeyDigest = null;
            MarkDirty(entry);
        }
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

        MarkDirty(entry);
    }

    private void MarkDirty(StoreEntry entry)
    {
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
                _tree.Set(entry.ToState());
            }
            else
            {
                if (entry.KeyDigest is { } key) _tree.Remove(key);
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
