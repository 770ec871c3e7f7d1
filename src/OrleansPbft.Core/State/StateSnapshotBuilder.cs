namespace OrleansPbft.Core;

/// <summary>Makes a <see cref="StateSnapshot"/> of what <see cref="StateSnapshot.ReadAll"/> read: a state that was written down (rule D-2).</summary>
/// <remarks>Every digest is taken again of the bytes, up to the roots that the header names, so that what was damaged is never built. Not thread-safe.</remarks>
public sealed class StateSnapshotBuilder
{
    private const int SessionWindowMax = 1024; // the most that options allow; those of the replica itself are part of the digest

    private readonly StateTree _service = new();
    private readonly StateTree _sessions = new();
    private StateHeader? _header;

    /// <summary>Takes the next chunk; false where it is none that could be in a snapshot here.</summary>
    public bool TryAdd(ChunkId id, ReadOnlyMemory<byte> bytes)
    {
        if (id.Section == StateSection.Header)
        {
            if (_header is not null || !StateHeader.TryRead(bytes, out var header)) return false;
            _header = header;
            _service.SetHeader(header.Service.Header.AsSpan());
            _sessions.SetHeader(header.Sessions.Header.AsSpan());
            return true;
        }

        if (_header is null || bytes.IsEmpty || bytes.Span[0] != StateChunk.EntriesTag) return false;
        var reader = new WireReader(bytes[1..]);
        while (reader.Remaining > 0)
        {
            StateLeaf? leaf = id.Section == StateSection.Service ? StateEntry.Read(ref reader) : SessionImage.Read(ref reader, SessionWindowMax);
            if (leaf is null) return false;
            (id.Section == StateSection.Service ? _service : _sessions).Map.Set(leaf);
        }

        return true;
    }

    /// <summary>
    /// The snapshot, whose digest is said to be <paramref name="digest"/>; null where chunks are missing or are not those of one state. That
    /// the digest is true is found out where it is restored: it covers the cluster's configuration too.
    /// </summary>
    public StateSnapshot? Build(SequenceNumber sequence, Digest digest) =>
        _header is { } header && _service.Map.Root == header.Service.Root && _sessions.Map.Root == header.Sessions.Root
            ? new(sequence, digest, header, _service, _sessions)
            : null;
}
