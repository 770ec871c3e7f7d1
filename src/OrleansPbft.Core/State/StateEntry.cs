using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>One entry of a service's state: a key, a version and a value.</summary>
public sealed class StateEntry : StateLeaf
{
    /// <summary>The most bytes that key and value of an entry take together: what one chunk must be able to carry.</summary>
    public const int BytesMax = 256 << 10;

    internal const int HeaderBytes = (2 * sizeof(uint)) + sizeof(long);

    private const int StackBytesMax = 512;

    /// <summary>Makes an entry of arrays that will never change: nothing is copied, and snapshots share them.</summary>
    /// <exception cref="ArgumentException">Key and value take more than <see cref="BytesMax"/> bytes.</exception>
    public StateEntry(ImmutableArray<byte> key, long version, ImmutableArray<byte> value)
        : this(key, version, value, Digest.Of(key.AsSpan()))
    {
    }

    /// <summary>The same, for a caller that keeps the digests of its keys.</summary>
    /// <exception cref="ArgumentException">Key and value take more than <see cref="BytesMax"/> bytes.</exception>
    public StateEntry(ImmutableArray<byte> key, long version, ImmutableArray<byte> value, Digest keyDigest)
        : base(keyDigest, DigestOf(version, value.AsSpan()))
    {
        Key = key.IsDefault ? [] : key;
        Version = version;
        Value = value.IsDefault ? [] : value;
        if ((long)Key.Length + Value.Length > BytesMax)
        {
            throw new ArgumentException($"An entry of {(long)Key.Length + Value.Length} bytes is too large; {BytesMax} is the most.", nameof(value));
        }
    }

    /// <summary>Its key.</summary>
    public ImmutableArray<byte> Key { get; }

    /// <summary>A number of the service's choice, such as the revision of the last write.</summary>
    public long Version { get; }

    /// <summary>Its value.</summary>
    public ImmutableArray<byte> Value { get; }

    internal override int EncodedBytes => HeaderBytes + Key.Length + Value.Length;

    /// <summary>Reads what <see cref="Write"/> writes, into arrays of its own; null where the bytes are no entry.</summary>
    internal static StateEntry? Read(ref WireReader reader)
    {
        if (!reader.TryReadLength(out var keyLength) || !reader.TryReadBytes(keyLength, out var key)) return null;
        if (!reader.TryReadInt64(out var version)) return null;
        if (!reader.TryReadLength(out var valueLength) || !reader.TryReadBytes(valueLength, out var value)) return null;
        if (key.Length + (long)value.Length > BytesMax) return null;
        return new([.. key.Span], version, [.. value.Span]);
    }

    internal override void Write(ref WireWriter writer)
    {
        writer.WriteLength(Key.Length);
        writer.WriteBytes(Key.AsSpan());
        writer.WriteInt64(Version);
        writer.WriteLength(Value.Length);
        writer.WriteBytes(Value.AsSpan());
    }

    internal override StateLeaf Rehashed() => new StateEntry(Key, Version, Value);

    private static Digest DigestOf(long version, ReadOnlySpan<byte> value)
    {
        // version ‖ value: the version has a fixed length, so that no two entries have one encoding.
        var length = sizeof(long) + value.Length;
        var rented = length > StackBytesMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented is null ? stackalloc byte[StackBytesMax] : rented;
        BinaryPrimitives.WriteInt64LittleEndian(bytes, version);
        value.CopyTo(bytes[sizeof(long)..]);
        var digest = Digest.Of(bytes[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return digest;
    }
}
