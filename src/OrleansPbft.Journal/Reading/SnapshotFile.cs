using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Reading;

/// <summary>Reads the file of a snapshot, chunk by chunk.</summary>
internal static class SnapshotFile
{
    /// <summary>All chunks, in order. Complete and undamaged where the enumeration ends.</summary>
    /// <exception cref="JournalDamagedException">It is not what was written.</exception>
    public static IEnumerable<Chunk> Read(IJournalStorage storage, SnapshotReference reference, ClusterId cluster)
    {
        var name = FileNames.OfSnapshot(reference.Sequence.Value);
        var path = JournalLayout.PathOf(storage, name);
        using var file = storage.Open(name);
        var block = new byte[SnapshotHead.Bytes];
        if (SnapshotHead.Read(block.AsSpan(0, file.Read(0, block)), out var problem) is not { } head) throw new JournalDamagedException(path, 0, problem);
        if (head.Sequence != reference.Sequence || head.Digest != reference.Digest || head.Cluster != cluster)
        {
            throw new JournalDamagedException(path, 0, $"it is the state at {head.Sequence} with d:{head.Digest}, not that at {reference.Sequence} with d:{reference.Digest}");
        }

        if (file.Length != reference.FileBytes) throw new JournalDamagedException(path, file.Length, $"the file has {file.Length} bytes, and had {reference.FileBytes}");
        long offset = SnapshotHead.Bytes;
        for (var number = 0L; ; number++)
        {
            var (record, body) = ReadRecord(file, path, offset, head.Nonce, number);
            offset += record.FrameBytes;
            if (record.Kind == RecordKinds.End) break;
            yield return ReadChunk(record, body) ?? throw new JournalDamagedException(path, offset - record.FrameBytes, $"chunk {number} is none");
        }

        if (offset != reference.FileBytes) throw new JournalDamagedException(path, offset, "bytes follow the end");
    }

    /// <summary>The state itself, digested again from its bytes.</summary>
    /// <exception cref="JournalDamagedException">It is not what was written.</exception>
    public static StateSnapshot Load(IJournalStorage storage, SnapshotReference reference, ClusterId cluster)
    {
        var builder = new StateSnapshotBuilder();
        var isWhole = true;
        foreach (var chunk in Read(storage, reference, cluster)) isWhole &= builder.TryAdd(chunk.Id, chunk.Bytes);
        if (isWhole && builder.Build(reference.Sequence, reference.Digest) is { } snapshot) return snapshot;
        throw new JournalDamagedException(
            JournalLayout.PathOf(storage, FileNames.OfSnapshot(reference.Sequence.Value)), SnapshotHead.Bytes, "its chunks are not those of the state that its head names");
    }

    private static (RecordHead Head, byte[] Body) ReadRecord(IJournalFile file, string path, long offset, ulong nonce, long number)
    {
        Span<byte> bytes = stackalloc byte[RecordHead.Bytes];
        var read = file.Read(offset, bytes);
        if (!RecordHead.TryRead(bytes[..read], nonce, out var head) || head.Number != number || head.FrameBytes > file.Length - offset)
        {
            throw new JournalDamagedException(path, offset, $"chunk {number} is not there");
        }

        var body = new byte[RecordHead.Padded(head.Length)];
        read = file.Read(offset + RecordHead.Bytes, body);
        if (read != body.Length || Crc32C.Of(body) != head.BodyChecksum) throw new JournalDamagedException(path, offset, $"the checksum of chunk {number} is wrong");
        return (head, body);
    }

    private static Chunk? ReadChunk(RecordHead record, byte[] body)
    {
        var reader = new WireReader(body);
        if (record.Kind != RecordKinds.Chunk || !ChunkId.TryRead(ref reader, out var id)) return null;
        return new(id, body.AsMemory(reader.Position, record.Length - reader.Position));
    }
}
