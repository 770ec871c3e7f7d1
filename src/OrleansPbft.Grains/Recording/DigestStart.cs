using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>The first eight bytes of a digest: enough to tell digests apart for people, at a quarter of the room.</summary>
internal static class DigestStart
{
    /// <summary>The first eight bytes.</summary>
    public static ulong Of(Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        digest.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>As people see it: eight hexadecimal digits; null where it is not known.</summary>
    public static string? Show(ulong start) => start == 0 ? null : $"{start >> 32:x8}";
}
