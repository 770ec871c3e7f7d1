using System.Buffers.Binary;

namespace OrleansPbft.Services;

/// <summary>Reads an operation or a result field by field, never past its end.</summary>
internal ref struct OperationReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public bool TryReadByte(out byte value)
    {
        value = _rest.IsEmpty ? (byte)0 : _rest.Span[0];
        return TryTake(1, out _);
    }

    public bool TryReadInt64(out long value)
    {
        var ok = TryTake(sizeof(long), out var taken);
        value = ok ? BinaryPrimitives.ReadInt64LittleEndian(taken.Span) : 0;
        return ok;
    }

    public bool TryReadUInt32(out uint value)
    {
        var ok = TryTake(sizeof(uint), out var taken);
        value = ok ? BinaryPrimitives.ReadUInt32LittleEndian(taken.Span) : 0;
        return ok;
    }

    /// <summary>Reads bytes behind a length of 16 bits.</summary>
    public bool TryReadShort(out ReadOnlyMemory<byte> value)
    {
        value = default;
        return TryTake(sizeof(ushort), out var length) && TryTake(BinaryPrimitives.ReadUInt16LittleEndian(length.Span), out value);
    }

    /// <summary>Reads bytes behind a length of 32 bits.</summary>
    public bool TryReadLong(out ReadOnlyMemory<byte> value)
    {
        value = default;
        return TryReadUInt32(out var length) && length <= int.MaxValue && TryTake((int)length, out value);
    }

    private bool TryTake(int count, out ReadOnlyMemory<byte> taken)
    {
        taken = default;
        if (count > _rest.Length) return false;
        taken = _rest[..count];
        _rest = _rest[count..];
        return true;
    }
}
