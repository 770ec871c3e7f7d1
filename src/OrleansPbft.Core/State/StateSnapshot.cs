namespace OrleansPbft.Core;

/// <summary>The state as it was at one checkpoint, for others to fetch chunk by chunk (rules ST-1, ST-2). It never changes.</summary>
/// <remarks>It shares what has not changed since with the state that goes on. Everything is digested when it is taken, so that reading writes nothing.</remarks>
public sealed class StateSnapshot
{
    /// <summary>How many bytes a chunk takes by default.</summary>
    public const int ChunkBytesDefault = 64 << 10;

    private readonly StateHeader _header;
    private readonly StateTree _service;
    private readonly StateTree _sessions;

    internal StateSnapshot(SequenceNumber sequence, Digest digest, StateHeader header, StateTree service, StateTree sessions)
    {
        Sequence = sequence;
        Digest = digest;
        _header = header;
        _service = service;
        _sessions = sessions;
    }

    /// <summary>n of the checkpoint.</summary>
    public SequenceNumber Sequence { get; }

    /// <summary>The state's digest there: what the CHECKPOINT says.</summary>
    public Digest Digest { get; }

    /// <summary>The most bytes any chunk can take, whatever is asked for: an entry or session that is larger than it should be is still one chunk.</summary>
    public static int ChunkBytesMax(ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return 1 + Math.Max(ChunkBytesDefault, Math.Max(StateEntry.HeaderBytes + StateEntry.BytesMax, SessionImage.EncodedBytesMax(options)));
    }

    /// <summary>Reads one chunk; false when there is nothing at that place.</summary>
    /// <param name="id">The place.</param>
    /// <param name="bytesMax">The most bytes; up to 1025 bytes of digests, and a single entry of any size, are read even so.</param>
    /// <param name="chunk">Its bytes, an array of their own.</param>
    public bool TryRead(ChunkId id, int bytesMax, out ReadOnlyMemory<byte> chunk)
    {
        chunk = id.Section == StateSection.Header ? _header.Encode() : Read(id, bytesMax);
        return !chunk.IsEmpty;
    }

    private byte[]? Read(ChunkId id, int bytesMax)
    {
        var map = (id.Section == StateSection.Service ? _service : _sessions).Map;
        if (id.Depth == ChunkId.EntryDepth) return map.Find(id.Prefix) is { } leaf ? StateChunk.OfEntries([leaf], leaf.EncodedBytes) : null;
        if (map.NodeAt(id.Depth, id.Prefix) is not { } node) return null;

        var entriesMax = id.IsWhole ? bytesMax : Math.Min(bytesMax, StateChunk.ComparedBytesMax);
        if (node.EncodedBytes >= entriesMax && node.Count > 1) return StateChunk.OfDigests(node);
        var leaves = new List<StateLeaf>(node.Count);
        node.Gather(leaves);
        return StateChunk.OfEntries(leaves, node.EncodedBytes);
    }
}
