using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Format;

/// <summary>The first block of a snapshot's file (docs/journal-format.md). Chunks follow as records, numbered from 0, and one that ends them.</summary>
/// <param name="Cluster">Whose state it is.</param>
/// <param name="Replica">Whose journal it is.</param>
/// <param name="Sequence">n of the checkpoint.</param>
/// <param name="Digest">The state's digest there.</param>
/// <param name="Nonce">A random number that is in every record too.</param>
internal readonly record struct SnapshotHead(ClusterId Cluster, ReplicaId Replica, SequenceNumber Sequence, Digest Digest, ulong Nonce)
{
    public const int Bytes = SegmentHead.Bytes;

    public const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "PBFTSNAP"u8;

    public void Write(Span<byte> block)
    {
        block[..Bytes].Clear();
        FileHead.Write(block, Magic, Version, Cluster, Replica);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], Sequence.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(block[40..], Nonce);
        Digest.CopyTo(block[48..]);
        FileHead.Seal(block);
    }

    /// <summary>Reads a head; null and why where it is none.</summary>
    public static SnapshotHead? Read(ReadOnlySpan<byte> block, out string problem)
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
            new(BinaryPrimitives.ReadInt64LittleEndian(block[32..])),
            new(block.Slice(48, Core.Digest.Bytes)),
            BinaryPrimitives.ReadUInt64LittleEndian(block[40..]));
    }
}
