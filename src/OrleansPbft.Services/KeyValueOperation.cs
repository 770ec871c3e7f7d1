using System.Buffers.Binary;
using System.Text;

namespace OrleansPbft.Services;

/// <summary>Encodes the operations of a <see cref="KeyValueStore"/>: what clients sign and replicas order.</summary>
/// <remarks>
/// opcode (u8) ‖ key or prefix (u16 length ‖ bytes) ‖ what the opcode says, little-endian; see docs/wire-format.md. Encoding checks
/// nothing but what the encoding can not hold: the store refuses malformed operations, the same way on every replica.
/// </remarks>
public static class KeyValueOperation
{
    internal const byte GetCode = 1;
    internal const byte PutCode = 2;
    internal const byte DeleteCode = 3;
    internal const byte IncrementCode = 4;
    internal const byte RangeCode = 5;

    /// <summary>Reads one entry. Answers Found or NotFound.</summary>
    /// <exception cref="ArgumentException">The key is longer than 65 535 bytes in UTF-8.</exception>
    public static byte[] Get(string key) => Start(GetCode, key, 0, out _);

    /// <summary>Writes one entry. Answers Written or VersionMismatch.</summary>
    /// <param name="key">1 to 1024 bytes in UTF-8, no control characters.</param>
    /// <param name="value">At most <see cref="KeyValueStore.ValueBytesMax"/> bytes.</param>
    /// <param name="ifVersion">Write only if the entry has this version; 0: only if there is none; null: in any case.</param>
    public static byte[] Put(string key, ReadOnlySpan<byte> value, long? ifVersion = null)
    {
        var operation = Start(PutCode, key, ConditionBytes + sizeof(uint) + value.Length, out var rest);
        rest = WriteCondition(rest, ifVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)value.Length);
        value.CopyTo(rest[sizeof(uint)..]);
        return operation;
    }

    /// <summary>Takes one entry out. Answers Deleted, NotFound or VersionMismatch.</summary>
    public static byte[] Delete(string key, long? ifVersion = null)
    {
        var operation = Start(DeleteCode, key, ConditionBytes, out var rest);
        WriteCondition(rest, ifVersion);
        return operation;
    }

    /// <summary>Adds to an entry that holds a decimal number; one that is missing counts as 0. Answers Written, NotANumber or Overflow.</summary>
    public static byte[] Increment(string key, long by = 1)
    {
        var operation = Start(IncrementCode, key, sizeof(long), out var rest);
        BinaryPrimitives.WriteInt64LittleEndian(rest, by);
        return operation;
    }

    /// <summary>Reads entries in the order of their keys' bytes. Answers Range.</summary>
    /// <param name="prefix">What their keys start with; empty for all.</param>
    /// <param name="after">Only keys after this one; null for all.</param>
    /// <param name="limit">At most so many: 1 to <see cref="KeyValueStore.RangeItemsMax"/>.</param>
    public static byte[] Range(string prefix, string? after = null, int limit = 100)
    {
        var afterBytes = Encoding.UTF8.GetBytes(after ?? "");
        if (afterBytes.Length > ushort.MaxValue) throw new ArgumentException("The key is too long to encode.", nameof(after));
        var operation = Start(RangeCode, prefix, sizeof(byte) + sizeof(ushort) + afterBytes.Length + sizeof(uint), out var rest);
        rest[0] = after is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt16LittleEndian(rest[1..], (ushort)afterBytes.Length);
        afterBytes.CopyTo(rest[3..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[(3 + afterBytes.Length)..], (uint)Math.Max(limit, 0));
        return operation;
    }

    private const int ConditionBytes = sizeof(byte) + sizeof(long);

    private static byte[] Start(byte code, string key, int more, out Span<byte> rest)
    {
        ArgumentNullException.ThrowIfNull(key);
        var length = Encoding.UTF8.GetByteCount(key);
        if (length > ushort.MaxValue) throw new ArgumentException("The key is too long to encode.", nameof(key));
        var operation = new byte[sizeof(byte) + sizeof(ushort) + length + more];
        operation[0] = code;
        BinaryPrimitives.WriteUInt16LittleEndian(operation.AsSpan(1), (ushort)length);
        Encoding.UTF8.GetBytes(key, operation.AsSpan(3));
        rest = operation.AsSpan(3 + length);
        return operation;
    }

    private static Span<byte> WriteCondition(Span<byte> rest, long? ifVersion)
    {
        rest[0] = ifVersion is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt64LittleEndian(rest[1..], ifVersion ?? 0);
        return rest[ConditionBytes..];
    }
}
