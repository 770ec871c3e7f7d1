using System.Buffers.Binary;

namespace OrleansPbft.Journal.Format;

/// <summary>What precedes the body of every record (docs/journal-format.md).</summary>
/// <remarks>
/// Little-endian: head checksum (u32), of the 36 bytes that follow ‖ body checksum (u32), of body and padding ‖ body length (u32) ‖ kind (u8) ‖
/// 3 zeroes ‖ number (i64) ‖ durable (i64) ‖ nonce of the file (u64). The body is padded with zeroes to a multiple of eight bytes.
/// </remarks>
/// <param name="Kind">One of <see cref="RecordKinds"/>.</param>
/// <param name="Length">Bytes of the body.</param>
/// <param name="BodyChecksum">CRC-32C of body and padding.</param>
/// <param name="Number">The records of a journal are numbered from 0, without a gap.</param>
/// <param name="Durable">All records below this number were known to be durable when this one was written.</param>
internal readonly record struct RecordHead(byte Kind, int Length, uint BodyChecksum, long Number, long Durable)
{
    public const int Bytes = 40;

    private const int NonceOffset = 32;

    /// <summary>Bytes of the whole record.</summary>
    public long FrameBytes => FrameBytesOf(Length);

    public static long FrameBytesOf(int length) => Bytes + Padded(length);

    /// <summary>A body's length with its padding.</summary>
    public static long Padded(int length) => ((long)length + 7) & ~7L;

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination, ulong nonce)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], BodyChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Kind);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], Durable);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[NonceOffset..], nonce);
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Crc32C.Of(destination[4..Bytes]));
    }

    /// <summary>Reads a head; false where there is none of this file.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ulong nonce, out RecordHead head)
    {
        head = default;
        if (source.Length < Bytes
            || BinaryPrimitives.ReadUInt64LittleEndian(source[NonceOffset..]) != nonce
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Crc32C.Of(source[4..Bytes])) return false;
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        head = new(
            (byte)kind,
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]));
        return kind <= byte.MaxValue && head.Length >= 0;
    }

    /// <summary>Reads a whole record at <paramref name="offset"/>; false where there is none, or its body is not what was written.</summary>
    public static bool TryReadFrame(ReadOnlyMemory<byte> file, long offset, ulong nonce, out RecordHead head, out ReadOnlyMemory<byte> body)
    {
        body = default;
        head = default;
        if (offset + Bytes > file.Length || !TryRead(file.Span[(int)offset..], nonce, out head) || head.FrameBytes > file.Length - offset) return false;
        var padded = file.Slice((int)offset + Bytes, (int)Padded(head.Length));
        if (Crc32C.Of(padded.Span) != head.BodyChecksum) return false;
        body = padded[..head.Length];
        return true;
    }
}
