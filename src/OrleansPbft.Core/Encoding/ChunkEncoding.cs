using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>The canonical bodies of FETCH-CHUNKS and CHUNKS (docs/wire-format.md).</summary>
internal static class ChunkEncoding
{
    private const int HeaderBytes = sizeof(long) + sizeof(uint);
    private const int ItemBytesMin = ChunkId.EncodedBytes + sizeof(uint);

    public static int FetchBytes(int ids) => HeaderBytes + (ids * ChunkId.EncodedBytes);

    public static int ChunksBytes(Chunks chunks)
    {
        var bytes = HeaderBytes;
        foreach (var chunk in chunks.Items) bytes += ItemBytesMin + chunk.Bytes.Length;
        return bytes;
    }

    /// <summary>The most bytes of a CHUNKS' body: filled to the aim but for a byte, and then one more chunk of the largest.</summary>
    public static int ChunksBytesMax(int chunkBytesMax) => HeaderBytes + (FetchChunks.IdsMax * ItemBytesMin) + Chunks.BytesAim + chunkBytesMax;

    public static void Write(ref WireWriter writer, FetchChunks fetch)
    {
        writer.WriteInt64(fetch.Sequence.Value);
        writer.WriteLength(fetch.Ids.Length);
        foreach (var id in fetch.Ids) id.Write(ref writer);
    }

    public static void Write(ref WireWriter writer, Chunks chunks)
    {
        writer.WriteInt64(chunks.Sequence.Value);
        writer.WriteLength(chunks.Items.Length);
        foreach (var chunk in chunks.Items)
        {
            chunk.Id.Write(ref writer);
            writer.WriteLength(chunk.Bytes.Length);
            writer.WriteBytes(chunk.Bytes.Span);
        }
    }

    /// <summary>Reads a FETCH-CHUNKS. The caller has verified the seal.</summary>
    public static RejectReason TryRead(in EnvelopeFrame frame, WireLimits limits, out FetchChunks? fetch)
    {
        fetch = null;
        var reader = new WireReader(frame.Body);
        var reason = TryReadHeader(ref reader, limits, out var sequence, out var count);
        if (reason != RejectReason.None) return reason;
        if (count == 0) return RejectReason.Malformed;
        var ids = ImmutableArray.CreateBuilder<ChunkId>((int)count);
        for (var i = 0; i < count; i++)
        {
            if (!ChunkId.TryRead(ref reader, out var id) || ids.Contains(id)) return RejectReason.Malformed;
            ids.Add(id);
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        fetch = new(sequence, ids.MoveToImmutable(), frame.Replica);
        return RejectReason.None;
    }

    /// <summary>Reads a CHUNKS. The caller has verified the seal.</summary>
    public static RejectReason TryRead(in EnvelopeFrame frame, WireLimits limits, out Chunks? chunks)
    {
        chunks = null;
        var reader = new WireReader(frame.Body);
        var reason = TryReadHeader(ref reader, limits, out var sequence, out var count);
        if (reason != RejectReason.None) return reason;
        var items = ImmutableArray.CreateBuilder<Chunk>((int)count);
        for (var i = 0; i < count; i++)
        {
            if (!ChunkId.TryRead(ref reader, out var id) || Holds(items, id) || !reader.TryReadLength(out var length)) return RejectReason.Malformed;
            if (length > (uint)limits.ChunkBytesMax) return RejectReason.TooLarge;
            if (!reader.TryReadBytes(length, out var bytes)) return RejectReason.Malformed;
            items.Add(new(id, bytes));
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        chunks = new(sequence, items.MoveToImmutable(), frame.Replica);
        return RejectReason.None;
    }

    private static bool Holds(ImmutableArray<Chunk>.Builder items, ChunkId id)
    {
        foreach (var item in items)
        {
            if (item.Id == id) return true;
        }

        return false;
    }

    private static RejectReason TryReadHeader(ref WireReader reader, WireLimits limits, out SequenceNumber sequence, out uint count)
    {
        sequence = default;
        count = 0;
        if (!reader.TryReadInt64(out var number)
            || number < 1
            || number > WireLimits.NumberMax
            || number % limits.CheckpointInterval != 0
            || !reader.TryReadLength(out count)) return RejectReason.Malformed;
        sequence = new(number);
        return count <= FetchChunks.IdsMax ? RejectReason.None : RejectReason.TooLarge;
    }
}
