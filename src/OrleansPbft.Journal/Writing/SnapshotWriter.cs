using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Writing;

/// <summary>Writes one state into a file of its own, step by step, and gives it its name once all of it is durable.</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private const int BufferBytes = 1 << 20;

    // Flushed as it grows: one flush of a gigabyte at the end would hold up those of the votes.
    private const int FlushBytes = 8 << 20;

    private readonly IJournalStorage _storage;
    private readonly StateSnapshot _snapshot;
    private readonly string _name;
    private readonly ulong _nonce;
    private readonly IJournalFile _file;
    private readonly IEnumerator<Chunk> _chunks;
    private byte[] _buffer = new byte[BufferBytes];
    private int _length;
    private long _offset;
    private long _flushed;
    private long _number;

    /// <summary>Begins the file.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    public SnapshotWriter(IJournalStorage storage, ClusterId cluster, ReplicaId replica, StateSnapshot snapshot, ulong nonce)
    {
        _storage = storage;
        _snapshot = snapshot;
        _nonce = nonce;
        _name = FileNames.OfSnapshot(snapshot.Sequence.Value);
        _chunks = snapshot.ReadAll().GetEnumerator();
        _file = storage.Create(FileNames.Unfinished(_name));
        new SnapshotHead(cluster, replica, snapshot.Sequence, snapshot.Digest, nonce).Write(_buffer);
        _length = SnapshotHead.Bytes;
    }

    /// <summary>Writes about so many bytes more; true once the snapshot is durable under its name.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    public bool Step(long bytes, out SnapshotReference reference)
    {
        reference = default;
        for (var end = _offset + _length + bytes; _offset + _length < end;)
        {
            if (!_chunks.MoveNext())
            {
                Finish();
                reference = new(_snapshot.Sequence, _snapshot.Digest, _offset, OldestSegment: 0);
                return true;
            }

            Add(_chunks.Current);
        }

        return false;
    }

    /// <summary>Closes the file; where it has no name yet, it is removed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _chunks.Dispose();
    }

    /// <summary>Removes what was written so far.</summary>
    public void Abandon()
    {
        Dispose();
        _storage.Delete(FileNames.Unfinished(_name));
    }

    private void Finish()
    {
        Room(RecordHead.Bytes);
        new RecordHead(RecordKinds.End, Length: 0, Crc32C.Of([]), _number, Durable: 0).Write(_buffer.AsSpan(_length), _nonce);
        _length += RecordHead.Bytes;
        WriteOut();
        _file.Flush();
        _file.Dispose();
        _storage.Rename(FileNames.Unfinished(_name), _name);
        _storage.FlushDirectory();
    }

    private void Add(in Chunk chunk)
    {
        var length = ChunkId.EncodedBytes + chunk.Bytes.Length;
        var frame = Room((int)RecordHead.FrameBytesOf(length));
        var writer = new WireWriter(frame[RecordHead.Bytes..]);
        chunk.Id.Write(ref writer);
        writer.WriteBytes(chunk.Bytes.Span);
        frame[(RecordHead.Bytes + length)..].Clear();
        new RecordHead(RecordKinds.Chunk, length, Crc32C.Of(frame[RecordHead.Bytes..]), _number++, Durable: 0).Write(frame, _nonce);
        _length += frame.Length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _buffer.Length) WriteOut();
        if (bytes > _buffer.Length) _buffer = new byte[bytes];
        return _buffer.AsSpan(_length, bytes);
    }

    private void WriteOut()
    {
        _file.Write(_offset, _buffer.AsSpan(0, _length));
        _offset += _length;
        _length = 0;
        if (_offset - _flushed < FlushBytes) return;
        _file.Flush();
        _flushed = _offset;
    }
}
