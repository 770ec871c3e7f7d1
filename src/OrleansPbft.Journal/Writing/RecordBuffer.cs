using OrleansPbft.Journal.Format;

namespace OrleansPbft.Journal.Writing;

/// <summary>Records that wait to be written, one behind the other as they will be in the file; their heads are filled in when it is known where they go.</summary>
internal sealed class RecordBuffer
{
    private const int BytesKept = 4 << 20; // a larger buffer is given up again: one large batch must not cost its memory for ever

    private readonly List<Pending> _records = [];
    private byte[] _bytes = new byte[64 << 10];
    private int _length;

    /// <summary>How many records there are.</summary>
    public int Count => _records.Count;

    /// <summary>How many of them are written.</summary>
    public int Written { get; set; }

    /// <summary>Whether all are.</summary>
    public bool IsDone => Written == _records.Count;

    public Pending this[int index] => _records[index];

    /// <summary>Adds a record; its body is to be written to what is returned, and then <see cref="Seal()"/> called.</summary>
    /// <exception cref="ArgumentException">It is larger than a record can be.</exception>
    public Span<byte> Add(byte kind, int bodyBytes, long sequence)
    {
        var frameBytes = RecordHead.FrameBytesOf(bodyBytes);
        if (frameBytes + _length > Array.MaxLength) throw new ArgumentException($"A record of {bodyBytes} bytes is too large.", nameof(bodyBytes));
        if (_length + frameBytes > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_length + frameBytes, 2L * _bytes.Length)));
        _records.Add(new(_length, (int)frameBytes, kind, bodyBytes, sequence, BodyChecksum: 0));
        var frame = _bytes.AsSpan(_length, (int)frameBytes);
        frame[(RecordHead.Bytes + bodyBytes)..].Clear();
        _length += (int)frameBytes;
        return frame.Slice(RecordHead.Bytes, bodyBytes);
    }

    /// <summary>Takes the checksum of the body of the record that was added last.</summary>
    public void Seal() => Seal(_records.Count - 1);

    /// <summary>Takes the checksum of a body that was changed.</summary>
    public void Seal(int index)
    {
        var record = _records[index];
        _records[index] = record with { BodyChecksum = Crc32C.Of(_bytes.AsSpan(record.Offset + RecordHead.Bytes, record.FrameBytes - RecordHead.Bytes)) };
    }

    /// <summary>The body of a record.</summary>
    public Span<byte> BodyOf(int index) => _bytes.AsSpan(_records[index].Offset + RecordHead.Bytes, _records[index].BodyBytes);

    /// <summary>Fills in the head of a record.</summary>
    public void WriteHead(int index, long number, long durable, ulong nonce)
    {
        var record = _records[index];
        new RecordHead(record.Kind, record.BodyBytes, record.BodyChecksum, number, durable).Write(_bytes.AsSpan(record.Offset), nonce);
    }

    /// <summary>The bytes of so many records.</summary>
    public ReadOnlySpan<byte> Frames(int from, int to) => _bytes.AsSpan(_records[from].Offset, _records[to - 1].Offset + _records[to - 1].FrameBytes - _records[from].Offset);

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        _records.Clear();
        _length = 0;
        Written = 0;
        if (_bytes.Length > BytesKept) _bytes = new byte[BytesKept];
    }

    /// <summary>One record.</summary>
    public readonly record struct Pending(int Offset, int FrameBytes, byte Kind, int BodyBytes, long Sequence, uint BodyChecksum);
}
