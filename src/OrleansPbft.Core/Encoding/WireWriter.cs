using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>Writes fixed-width little-endian fields one after another. Whoever writes knows the length, so running out of room is a bug.</summary>
public ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>How many bytes were written.</summary>
    public int Position { get; private set; }

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => _destination[Position++] = value;

    /// <summary>Writes a u16.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Next(sizeof(ushort)), value);

    /// <summary>Writes a length or a count as u32.</summary>
    public void WriteLength(int value) => BinaryPrimitives.WriteUInt32LittleEndian(Next(sizeof(uint)), checked((uint)value));

    /// <summary>Writes an i64.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(sizeof(long)), value);

    /// <summary>Writes the 32 bytes of a digest.</summary>
    public void WriteDigest(in Digest value) => value.CopyTo(Next(Digest.Bytes));

    /// <summary>Writes 16 bytes of a digest, big-endian, so that they read as the digest does.</summary>
    public void WriteIdentifier(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Next(16), value);

    /// <summary>Writes bytes as they are, without their length.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Next(value.Length));

    private Span<byte> Next(int bytes)
    {
        var next = _destination.Slice(Position, bytes);
        Position += bytes;
        return next;
    }
}
