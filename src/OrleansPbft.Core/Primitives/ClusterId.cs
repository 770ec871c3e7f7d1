using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>Names one cluster: 16 bytes of a digest of its membership, so that no signature is valid in another (rule A-1).</summary>
/// <param name="Value">The 16 bytes, read big-endian.</param>
public readonly record struct ClusterId(UInt128 Value)
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>Takes the first 16 bytes of a digest of the membership.</summary>
    public static ClusterId From(Digest membership)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        membership.CopyTo(bytes);
        return new(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", null);
}
