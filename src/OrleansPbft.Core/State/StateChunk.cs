namespace OrleansPbft.Core;

/// <summary>The forms of a chunk below the header (rule ST-1).</summary>
/// <remarks>
/// Tag 0: a bucket's digests, 1 to 16 × (key digest ‖ value digest). Tag 1: an inner node's sixteen digests, zero where there is no
/// child. Both are just what the node's digest is the digest of. Tag 2: all entries of a subtree, by key digest.
/// </remarks>
internal static class StateChunk
{
    public const byte EntriesTag = 2;

    /// <summary>A subtree of which only some is wanted is sent as entries up to this size: then comparing digests saves nothing.</summary>
    public const int ComparedBytesMax = 4 << 10;

    /// <summary>The digests of a node, as its own digest is taken of them.</summary>
    public static byte[] OfDigests(MerkleNode node)
    {
        var bytes = new byte[node.Children is null ? 1 + (node.Count * MerkleNode.PairBytes) : MerkleNode.InnerBytes];
        node.WritePreimage(bytes);
        return bytes;
    }

    /// <summary>Entries, which are all that a subtree holds.</summary>
    public static byte[] OfEntries(IReadOnlyList<StateLeaf> leaves, long encodedBytes)
    {
        var bytes = new byte[checked((int)encodedBytes) + 1];
        var writer = new WireWriter(bytes);
        writer.WriteByte(EntriesTag);
        foreach (var leaf in leaves) leaf.Write(ref writer);
        return bytes;
    }

    /// <summary>Reads the digests of an inner node; false when they are not those that <paramref name="expected"/> is the digest of.</summary>
    public static bool TryReadChildren(ReadOnlySpan<byte> bytes, in Digest expected, Span<Digest> children)
    {
        if (bytes.Length != MerkleNode.InnerBytes || Digest.Of(bytes) != expected) return false;
        for (var i = 0; i < MerkleNode.Fanout; i++) children[i] = new(bytes.Slice(1 + (i * Digest.Bytes), Digest.Bytes));
        return true;
    }

    /// <summary>Reads the digests of a bucket at a place; false when they are not those that <paramref name="expected"/> is the digest of.</summary>
    public static bool TryReadBucket(ReadOnlySpan<byte> bytes, in Digest expected, ChunkId place, out (Digest Key, Digest Value)[] pairs)
    {
        pairs = [];
        var count = (bytes.Length - 1) / MerkleNode.PairBytes;
        if (count is < 1 or > MerkleMap.BucketEntriesMax || bytes.Length != 1 + (count * MerkleNode.PairBytes) || Digest.Of(bytes) != expected) return false;
        pairs = new (Digest, Digest)[count];
        for (var i = 0; i < count; i++)
        {
            var pair = bytes.Slice(1 + (i * MerkleNode.PairBytes), MerkleNode.PairBytes);
            pairs[i] = (new(pair[..Digest.Bytes]), new(pair[Digest.Bytes..]));
            if (pairs[i].Key.Prefix(place.Depth) != place.Prefix || (i > 0 && pairs[i - 1].Key.CompareTo(pairs[i].Key) >= 0)) return false;
        }

        return true;
    }

    /// <summary>Reads entries; false when they are not all that is at a place whose digest is <paramref name="expected"/>.</summary>
    public static bool TryReadEntries(ReadOnlyMemory<byte> bytes, in Digest expected, ChunkId place, int sessionWindow, out List<StateLeaf> leaves)
    {
        leaves = [];
        var reader = new WireReader(bytes[1..]);
        while (reader.Remaining > 0)
        {
            StateLeaf? leaf = place.Section == StateSection.Service ? StateEntry.Read(ref reader) : SessionImage.Read(ref reader, sessionWindow);
            if (leaf is null || leaf.KeyDigest.Prefix(place.Depth) != place.Prefix) return false;
            if (leaves.Count > 0 && leaves[^1].KeyDigest.CompareTo(leaf.KeyDigest) >= 0) return false;
            leaves.Add(leaf);
        }

        if (place.Depth == ChunkId.EntryDepth) return leaves.Count == 1 && leaves[0].ValueDigest == expected;
        var map = new MerkleMap();
        foreach (var leaf in leaves) map.Set(leaf);
        return leaves.Count > 0 && map.DigestAt(place.Depth, place.Prefix) == expected;
    }
}
