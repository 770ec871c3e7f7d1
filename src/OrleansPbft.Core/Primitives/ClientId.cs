using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>A client: the first 16 bytes of SHA-256 of its public key, read big-endian (rule C-1).</summary>
/// <param name="Value">The 16 bytes as a number.</param>
public readonly record struct ClientId(UInt128 Value) : IComparable<ClientId>
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>The client that a public key is: <paramref name="publicKey"/> is its raw P-256 coordinates X ‖ Y, 64 bytes.</summary>
    public static ClientId Of(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> hash = stackalloc byte[Digest.Bytes];
        System.Security.Cryptography.SHA256.HashData(publicKey, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <inheritdoc/>
    public int CompareTo(ClientId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", null);
}
