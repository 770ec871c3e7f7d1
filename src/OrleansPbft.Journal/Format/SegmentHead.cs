using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Format;

/// <summary>The first block of a segment (docs/journal-format.md). It is durable before the segment has its name, and never written again.</summary>
/// <param name="Cluster">Whose journal it is.</param>
/// <param name="Replica">Whose journal it is.</param>
/// <param name="Epoch">Which opening of the journal wrote it.</param>
/// <param name="Segment">Its number: 1, 2, 3 ...</param>
/// <param name="First">The number of its first record. Every record before that is durable, and what earlier segments hold from that number on is void.</param>
/// <param name="Length">Bytes of the file: it has them from the start.</param>
/// <param name="Nonce">A random number that is in every record too: nothing else that these bytes of the medium ever held is taken for a record.</param>
/// <param name="Repeats">How many of its records repeat what an earlier segment has. They are durable before the segment has its name.</param>
internal readonly record struct SegmentHead(
    ClusterId Cluster, ReplicaId Replica, long Epoch, long Segment, long First, long Length, ulong Nonce, int Repeats)
{
    /// <summary>A block of its own: no later write touches what it shares a sector with.</summary>
    public const int Bytes = 4096;

    public const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "PBFTSEG\0"u8;

    public void Write(Span<byte> block)
    {
        block[..Bytes].Clear();
        FileHead.Write(block, Magic, Version, Cluster, Replica);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(block[40..], Segment);
        BinaryPrimitives.WriteInt64LittleEndian(block[48..], First);
        BinaryPrimitives.WriteInt64LittleEndian(block[56..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(block[64..], Nonce);
        BinaryPrimitives.WriteInt32LittleEndian(block[72..], Repeats);
        FileHead.Seal(block);
    }

    /// <summary>Reads a head; null and why where it is none.</summary>
    public static SegmentHead? Read(ReadOnlySpan<byte> block, out string problem)
    {
        if (FileHead.FindProblem(block, Magic, Version) is { } found)
        {
            problem = found;
            return null;
        }

        problem = "";
        FileHead.Read(block, out var cluster, out var replica);
        return new(
            cluster,
            replica,
            BinaryPrimitives.ReadInt64LittleEndian(block[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[56..]),
            BinaryPrimitives.ReadUInt64LittleEndian(block[64..]),
            BinaryPrimitives.ReadInt32LittleEndian(block[72..]));
    }
}
