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

    /// <summary>How many bytes all entries and sessions take together in chunks: what writing it out costs.</summary>
    public long Bytes => _service.Map.EncodedBytes + _sessions.Map.EncodedBytes;

    internal StateHeader Header => _header;

    /// <summary>The service's tree; what a fork of it does is not seen here.</summary>
    internal StateTree Service => _service;

    /// <summary>The sessions' tree; what a fork of it does is not seen here.</summary>
    internal StateTree Sessions => _sessions;

    /// <summary>Reads all of it, chunk by chunk, the header first: what <see cref="StateSnapshotBuilder"/> takes.</summary>
    /// <param name="bytesMax">The most bytes of a chunk; a single entry or session of any size is one all the same.</param>
    /// <remarks>It can be read by another thread than the one that goes on with the state: nothing in it changes.</remarks>
    public IEnumerable<Chunk> ReadAll(int bytesMax = ChunkBytesDefault)
    {
        yield return new(ChunkId.Header, _header.Encode());
        foreach (var chunk in ReadTree(_service.Map, StateSection.Service, bytesMax)) yield return chunk;
        foreach (var chunk in ReadTree(_sessions.Map, StateSection.Sessions, bytesMax)) yield return chunk;
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

    private static IEnumerable<Chunk> ReadTree(MerkleMap map, StateSection section, int bytesMax)
    {
        var rest = new Stack<ChunkId>();
        rest.Push(new(section, depth: 0, default, isWhole: true));
        while (rest.TryPop(out var id))
        {
            if (map.NodeAt(id.Depth, id.Prefix) is not { } node) continue;
            if (node.EncodedBytes >= bytesMax && node.Children is not null)
            {
                for (var nibble = MerkleNode.Fanout - 1; nibble >= 0; nibble--) rest.Push(id.Child(nibble, isWhole: true));
                continue;
            }

            var leaves = new List<StateLeaf>(node.Count);
            node.Gather(leaves);
            if (node.EncodedBytes < bytesMax)
            {
                yield return new(id, StateChunk.OfEntries(leaves, node.EncodedBytes));
                continue;
            }

            foreach (var leaf in leaves) yield return new(id.Entry(leaf.KeyDigest), StateChunk.OfEntries([leaf], leaf.EncodedBytes)); // a bucket of large ones
        }
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
