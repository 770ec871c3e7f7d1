using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace OrleansPbft.Services;

/// <summary>What a <see cref="KeyValueStore"/> answers.</summary>
public enum KeyValueOutcome : byte
{
    /// <summary>Not an outcome.</summary>
    None = 0,

    /// <summary>The entry was read: version and value are its.</summary>
    Found = 1,

    /// <summary>There is no such entry.</summary>
    NotFound = 2,

    /// <summary>The entry was written: version and value are the new ones (the value only after an increment).</summary>
    Written = 3,

    /// <summary>The entry was taken out: the version is the one it had.</summary>
    Deleted = 4,

    /// <summary>The condition did not hold, nothing changed: the version is the entry's, 0 where there is none.</summary>
    VersionMismatch = 5,

    /// <summary>The entry is not a decimal number of 64 bits, nothing changed: the version is the entry's.</summary>
    NotANumber = 6,

    /// <summary>The sum would not fit into 64 bits, nothing changed: the version is the entry's.</summary>
    Overflow = 7,

    /// <summary>Entries were read: see <see cref="KeyValueResult.Items"/>.</summary>
    Range = 8,
}

/// <summary>One entry of a range.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">Its version.</param>
public sealed record KeyValueItem(string Key, ReadOnlyMemory<byte> Value, long Version);

/// <summary>A decoded result of a <see cref="KeyValueStore"/>.</summary>
public sealed class KeyValueResult
{
    private KeyValueResult(KeyValueOutcome outcome, long version, ReadOnlyMemory<byte> value, ImmutableArray<KeyValueItem> items, string? next)
    {
        Outcome = outcome;
        Version = version;
        Value = value;
        Items = items;
        Next = next;
    }

    /// <summary>What happened.</summary>
    public KeyValueOutcome Outcome { get; }

    /// <summary>The version the outcome speaks of.</summary>
    public long Version { get; }

    /// <summary>The value read, or the number after an increment.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The entries of a range.</summary>
    public ImmutableArray<KeyValueItem> Items { get; }

    /// <summary>Where a range goes on: the key to read after; null when it is complete.</summary>
    public string? Next { get; }

    /// <summary>What a result's bytes say happened, without reading the rest; None when they say nothing.</summary>
    public static KeyValueOutcome OutcomeOf(ReadOnlySpan<byte> encoding) =>
        !encoding.IsEmpty && encoding[0] <= (byte)KeyValueOutcome.Range ? (KeyValueOutcome)encoding[0] : KeyValueOutcome.None;

    /// <summary>Reads a result; false when the bytes are none.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> encoding, out KeyValueResult result)
    {
        result = new(KeyValueOutcome.None, 0, default, [], null);
        var reader = new OperationReader(encoding.Span);
        if (!reader.TryReadByte(out var code)) return false;
        var outcome = (KeyValueOutcome)code;
        if (outcome == KeyValueOutcome.Range) return TryReadRange(encoding, ref reader, ref result);
        if (outcome is < KeyValueOutcome.Found or > KeyValueOutcome.Overflow) return false;
        if (!reader.TryReadInt64(out var version) || !reader.TryReadLong(out var value) || !reader.IsAtEnd) return false;
        result = new(outcome, version, LastRead(encoding, reader, value.Length), [], null);
        return true;
    }

    private static bool TryReadRange(ReadOnlyMemory<byte> encoding, ref OperationReader reader, ref KeyValueResult result)
    {
        if (!reader.TryReadUInt32(out var count) || count > KeyValueStore.RangeItemsMax) return false;
        var items = ImmutableArray.CreateBuilder<KeyValueItem>((int)count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadShort(out var key) || !reader.TryReadInt64(out var version) || !reader.TryReadLong(out var value)) return false;
            items.Add(new(Encoding.UTF8.GetString(key), LastRead(encoding, reader, value.Length), version));
        }

        if (!reader.TryReadByte(out var more) || more > 1 || !reader.IsAtEnd || (more == 1 && count == 0)) return false;
        var read = items.MoveToImmutable();
        result = new(KeyValueOutcome.Range, 0, default, read, more == 1 ? read[^1].Key : null);
        return true;
    }

    private static ReadOnlyMemory<byte> LastRead(ReadOnlyMemory<byte> encoding, in OperationReader reader, int length) =>
        encoding.Slice(reader.Position - length, length);

    internal static void Write(System.Buffers.IBufferWriter<byte> writer, KeyValueOutcome outcome, long version, ReadOnlySpan<byte> value = default)
    {
        var bytes = sizeof(byte) + sizeof(long) + sizeof(uint) + value.Length;
        var span = writer.GetSpan(bytes);
        span[0] = (byte)outcome;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], version);
        BinaryPrimitives.WriteUInt32LittleEndian(span[9..], (uint)value.Length);
        value.CopyTo(span[13..]);
        writer.Advance(bytes);
    }

    internal static void WriteRange(System.Buffers.IBufferWriter<byte> writer, List<StoreEntry> entries, bool more)
    {
        var head = writer.GetSpan(sizeof(byte) + sizeof(uint));
        head[0] = (byte)KeyValueOutcome.Range;
        BinaryPrimitives.WriteUInt32LittleEndian(head[1..], (uint)entries.Count);
        writer.Advance(sizeof(byte) + sizeof(uint));
        foreach (var entry in entries)
        {
            var bytes = ItemHeaderBytes + entry.Key.Length + entry.Value.Length;
            var span = writer.GetSpan(bytes);
            BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)entry.Key.Length);
            entry.Key.Span.CopyTo(span[2..]);
            var rest = span[(2 + entry.Key.Length)..];
            BinaryPrimitives.WriteInt64LittleEndian(rest, entry.Version);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], (uint)entry.Value.Length);
            entry.Value.Span.CopyTo(rest[12..]);
            writer.Advance(bytes);
        }

        writer.GetSpan(1)[0] = more ? (byte)1 : (byte)0;
        writer.Advance(1);
    }

    internal const int ItemHeaderBytes = sizeof(ushort) + sizeof(long) + sizeof(uint);
}
