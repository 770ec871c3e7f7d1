using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Format;

/// <summary>What the first blocks of all files have in common.</summary>
/// <remarks>Magic (8 bytes) ‖ version (u32) ‖ replica (u32) ‖ cluster (16 bytes) ‖ ... ‖ checksum (u32) at the end.</remarks>
internal static class FileHead
{
    private const int ChecksumOffset = SegmentHead.Bytes - sizeof(uint);

    public static void Write(Span<byte> block, ReadOnlySpan<byte> magic, int version, ClusterId cluster, ReplicaId replica)
    {
        magic.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], version);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], replica.Index);
        BinaryPrimitives.WriteUInt128BigEndian(block[16..], cluster.Value);
    }

    public static void Seal(Span<byte> block) => BinaryPrimitives.WriteUInt32LittleEndian(block[ChecksumOffset..], Crc32C.Of(block[..ChecksumOffset]));

    public static void Read(ReadOnlySpan<byte> block, out ClusterId cluster, out ReplicaId replica)
    {
        replica = new(BinaryPrimitives.ReadInt32LittleEndian(block[12..]));
        cluster = new(BinaryPrimitives.ReadUInt128BigEndian(block[16..]));
    }

    /// <summary>Why this is no first block of that kind; null where it is one.</summary>
    public static string? FindProblem(ReadOnlySpan<byte> block, ReadOnlySpan<byte> magic, int version)
    {
        if (block.Length < SegmentHead.Bytes) return $"the file ends after {block.Length} bytes, within its head";
        if (Crc32C.Of(block[..ChecksumOffset]) != BinaryPrimitives.ReadUInt32LittleEndian(block[ChecksumOffset..])) return "the checksum of the file's head is wrong";
        if (!block.StartsWith(magic)) return "the file does not begin as its name says";
        var found = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
        return found == version ? null : $"the file has version {found} of the format, and this program reads version {version}";
    }
}
