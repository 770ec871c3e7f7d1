using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansPbft.Core;

/// <summary>A SHA-256 digest, by value: 32 bytes, compared as four words, never by reference (LESSONS B2).</summary>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Reads the 32 bytes of a digest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not exactly 32 bytes.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    private Digest(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>All zeroes: the digest of nothing, such as the root of an empty map.</summary>
    public static Digest Zero => default;

    /// <summary>SHA-256 of <paramref name="data"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Bytes];
        SHA256.HashData(data, hash);
        return new(hash);
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Bytes);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <inheritdoc/>
    public bool Equals(Digest other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <summary>Orders digests as their bytes do.</summary>
    public int CompareTo(Digest other)
    {
        var order = _a.CompareTo(other._a);
        if (order == 0) order = _b.CompareTo(other._b);
        if (order == 0) order = _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <summary>The <paramref name="index"/>-th hexadecimal digit, from the left: where a digest goes in a radix-16 trie.</summary>
    internal int Nibble(int index)
    {
        var word = (index / 16) switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };
        return (int)(word >> (60 - (4 * (index % 16)))) & 0xF;
    }

    /// <summary>Its first <paramref name="nibbles"/> hexadecimal digits, followed by zeroes: a place in a radix-16 trie.</summary>
    internal Digest Prefix(int nibbles) =>
        new(_a & Mask(nibbles), _b & Mask(nibbles - 16), _c & Mask(nibbles - 32), _d & Mask(nibbles - 48));

    /// <summary>The same but for one hexadecimal digit, which is zero here.</summary>
    internal Digest WithNibble(int index, int value)
    {
        var bits = (ulong)value << (60 - (4 * (index % 16)));
        return (index / 16) switch
        {
            0 => new(_a | bits, _b, _c, _d),
            1 => new(_a, _b | bits, _c, _d),
            2 => new(_a, _b, _c | bits, _d),
            _ => new(_a, _b, _c, _d | bits),
        };
    }

    private static ulong Mask(int nibbles) => nibbles <= 0 ? 0 : nibbles >= 16 ? ulong.MaxValue : ulong.MaxValue << (64 - (4 * nibbles));

    /// <summary>Whether all 32 bytes are equal.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether any byte differs.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>All 64 hexadecimal digits.</summary>
    public string ToHex() => $"{_a:x16}{_b:x16}{_c:x16}{_d:x16}";

    /// <summary>The first eight hexadecimal digits, for people.</summary>
    public override string ToString() => $"{_a >> 32:x8}";
}
