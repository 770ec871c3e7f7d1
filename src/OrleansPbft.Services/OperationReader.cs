using System.Buffers.Binary;

namespace OrleansPbft.Services;

/// <summary>Reads an operation or a result field by field, never past its end.</summary>
internal ref struct OperationReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes have been read.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == _bytes.Length;

    public bool TryReadByte(out byte value)
    {
        var ok = TryTake(sizeof(byte), out var taken);
        value = ok ? taken[0] : (byte)0;
        return ok;
    }

    public bool TryReadInt64(out long value)
    {
        var ok = TryTake(sizeof(long), out var taken);
        value = ok ? BinaryPrimitives.ReadInt64LittleEndian(taken) : 0;
        return ok;
    }

    public bool TryReadUInt32(out uint value)
    {
        var ok = TryTake(sizeof(uint), out var taken);
        value = ok ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;
        return ok;
    }

    /// <summary>Reads bytes behind a length of 16 bits.</summary>
    public bool TryReadShort(out ReadOnlySpan<byte> value)
    {
        value = default;
        return TryTake(sizeof(ushort), out var length) && TryTake(BinaryPrimitives.ReadUInt16LittleEndian(length), out value);
    }

    /// <summary>Reads bytes behind a length of 32 bits.</summary>
    public bool TryReadLong(out ReadOnlySpan<byte> value)
    {
        value = default;
        return TryReadUInt32(out var length) && length <= int.MaxValue && TryTake((int)length, out value);
    }

    private bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count > _bytes.Length - Position) return false;
        taken = _bytes.Slice(Position, count);
        Position += count;
        return true;
    }
}
