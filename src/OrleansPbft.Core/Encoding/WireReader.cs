using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>Reads what <see cref="WireWriter"/> writes, from bytes nobody vouches for: false where they end too early, never an exception.</summary>
public ref struct WireReader(ReadOnlyMemory<byte> source)
{
    private readonly ReadOnlyMemory<byte> _source = source;
    private readonly ReadOnlySpan<byte> _span = source.Span;

    /// <summary>How many bytes were read.</summary>
    public int Position { get; private set; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _span.Length - Position;

    /// <summary>Reads one byte.</summary>
    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (Remaining < sizeof(byte)) return false;
        value = _span[Position++];
        return true;
    }

    /// <summary>Reads a u16.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(_span[Position..], out value)) return false;
        Position += sizeof(ushort);
        return true;
    }

    /// <summary>Reads a length or a count.</summary>
    public bool TryReadLength(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(_span[Position..], out value)) return false;
        Position += sizeof(uint);
        return true;
    }

    /// <summary>Reads an i64.</summary>
    public bool TryReadInt64(out long value)
    {
        if (!BinaryPrimitives.TryReadInt64LittleEndian(_span[Position..], out value)) return false;
        Position += sizeof(long);
        return true;
    }

    /// <summary>Reads the 32 bytes of a digest.</summary>
    public bool TryReadDigest(out Digest value)
    {
        value = default;
        if (Remaining < Digest.Bytes) return false;
        value = new(_span.Slice(Position, Digest.Bytes));
        Position += Digest.Bytes;
        return true;
    }

    /// <summary>Reads 16 bytes of a digest, big-endian.</summary>
    public bool TryReadIdentifier(out UInt128 value)
    {
        if (!BinaryPrimitives.TryReadUInt128BigEndian(_span[Position..], out value)) return false;
        Position += 16;
        return true;
    }

    /// <summary>Takes the next <paramref name="length"/> bytes as a slice of the source: nothing is copied.</summary>
    public bool TryReadBytes(uint length, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (length > (uint)Remaining) return false;
        value = _source.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }
}
