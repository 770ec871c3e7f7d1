using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Messages that gather for one receiver until they leave under one MAC, written as the body of a PACK. Not thread-safe.</summary>
internal sealed class OutgoingPack
{
    // What grew beyond this is not kept for the next time.
    private const int KeptBytesMax = 64 << 10;

    private const int EntryBytes = EnvelopeEncoding.PackHeaderBytes + EnvelopeEncoding.PackEntryHeaderBytes; // before the first's body

    private byte[] _body = new byte[512];
    private int _length = EnvelopeEncoding.PackHeaderBytes;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The kind of the first; only while there is one.</summary>
    public MessageKind FirstKind => (MessageKind)_body[EnvelopeEncoding.PackHeaderBytes];

    /// <summary>The body of the first, while it is the only one.</summary>
    public ReadOnlySpan<byte> FirstBody => _body.AsSpan(EntryBytes, _length - EntryBytes);

    /// <summary>All of them as the body of a PACK.</summary>
    public ReadOnlySpan<byte> Body
    {
        get
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_body, (ushort)Count);
            return _body.AsSpan(0, _length);
        }
    }

    /// <summary>Each by itself.</summary>
    public IEnumerable<(MessageKind Kind, ReadOnlyMemory<byte> Body)> Messages
    {
        get
        {
            for (var position = EnvelopeEncoding.PackHeaderBytes; position < _length;)
            {
                var bytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(_body.AsSpan(position + 1));
                yield return ((MessageKind)_body[position], _body.AsMemory(position + EnvelopeEncoding.PackEntryHeaderBytes, bytes));
                position += EnvelopeEncoding.PackEntryHeaderBytes + bytes;
            }
        }
    }

    /// <summary>Whether one more may share the MAC. The first always may, however long: it goes by itself then.</summary>
    public bool HasRoom(int bodyBytes) =>
        Count == 0 || (Count < EnvelopeEncoding.PackMessagesMax && _length + EnvelopeEncoding.PackEntryHeaderBytes + bodyBytes <= EnvelopeEncoding.PackBodyBytesMax);

    /// <summary>Adds one.</summary>
    public void Add(MessageKind kind, ReadOnlySpan<byte> body)
    {
        var length = _length + EnvelopeEncoding.PackEntryHeaderBytes + body.Length;
        if (length > _body.Length) Array.Resize(ref _body, Math.Max(length, 2 * _body.Length));
        var writer = new WireWriter(_body.AsSpan(_length));
        writer.WriteByte((byte)kind);
        writer.WriteLength(body.Length);
        writer.WriteBytes(body);
        _length = length;
        Count++;
    }

    /// <summary>They have left.</summary>
    public void Clear()
    {
        if (_body.Length > KeptBytesMax) _body = new byte[512];
        _length = EnvelopeEncoding.PackHeaderBytes;
        Count = 0;
    }
}
