using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>A service's whole state as the core understands it: a short header, and entries in an incremental Merkle tree (rules K-2, ST-1).</summary>
/// <remarks>
/// A service keeps one and brings it up to date when it is asked for it. Forks share what they have in common, so that a snapshot costs
/// what changes after it. Equal content has equal roots, however it came about. Not thread-safe.
/// </remarks>
public sealed class StateTree
{
    /// <summary>The most bytes a header takes.</summary>
    public const int HeaderBytesMax = 1024;

    private ImmutableArray<byte> _header;

    /// <summary>Starts empty.</summary>
    public StateTree()
        : this([], new())
    {
    }

    private StateTree(ImmutableArray<byte> header, MerkleMap map) => (_header, Map) = (header, map);

    /// <summary>The part of the state that is no entry, such as counters: at most <see cref="HeaderBytesMax"/> bytes.</summary>
    public ReadOnlySpan<byte> Header => _header.AsSpan();

    /// <summary>How many entries there are.</summary>
    public int Count => Map.Count;

    /// <summary>The root over all entries and the header. Its cost follows what changed since it was last asked for.</summary>
    public Digest Root => StateHeader.RootOf(Map.Root, Header);

    /// <summary>All entries, in the order of their keys' digests.</summary>
    public IEnumerable<StateEntry> Entries => Map.LeavesAt(0, default).OfType<StateEntry>();

    internal MerkleMap Map { get; }

    internal ImmutableArray<byte> HeaderBytes => _header;

    /// <summary>Sets the header; the bytes are copied.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="HeaderBytesMax"/>.</exception>
    public void SetHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length > HeaderBytesMax) throw new ArgumentException($"A header of {header.Length} bytes is too large; {HeaderBytesMax} is the most.", nameof(header));
        if (!header.SequenceEqual(Header)) _header = [.. header];
    }

    /// <summary>Sets the entry at its key.</summary>
    public void Set(StateEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Map.Set(entry);
    }

    /// <summary>Sets an entry without a version; key and value are copied.</summary>
    /// <exception cref="ArgumentException">It is larger than <see cref="StateEntry.BytesMax"/>.</exception>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Map.Set(new StateEntry([.. key], version: 0, [.. value]));

    /// <summary>Takes the entry at <paramref name="key"/> out; false where there is none.</summary>
    public bool Remove(ReadOnlySpan<byte> key) => Map.Remove(Digest.Of(key));

    /// <summary>The same by the digest of the key, for a caller that keeps it.</summary>
    public bool Remove(Digest keyDigest) => Map.Remove(keyDigest);

    /// <summary>The entry at <paramref name="key"/>, or null.</summary>
    public StateEntry? Find(ReadOnlySpan<byte> key) => Map.Find(Digest.Of(key)) as StateEntry;

    /// <summary>A tree of the same content. What either does from here on the other does not see.</summary>
    public StateTree Fork() => new(_header, Map.Fork());

    /// <summary>A tree of the same content, digested again from its bytes as they are now (rule K-3). Costs the whole state.</summary>
    public StateTree Rehashed()
    {
        var map = new MerkleMap();
        foreach (var leaf in Map.LeavesAt(0, default))
        {
            var actual = leaf.Rehashed();
            map.Set(actual.KeyDigest == leaf.KeyDigest && actual.ValueDigest == leaf.ValueDigest ? leaf : actual);
        }

        return new(_header, map);
    }
}
