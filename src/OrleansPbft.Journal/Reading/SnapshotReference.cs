using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Reading;

/// <summary>What a record of kind Snapshot says: the state at n is durable in a file of its own, and what it covers may go.</summary>
/// <remarks>Encoded: n (i64) ‖ digest (32 bytes) ‖ bytes of the file (i64) ‖ the oldest segment that is still needed (i64).</remarks>
/// <param name="Sequence">n of the checkpoint.</param>
/// <param name="Digest">The state's digest there.</param>
/// <param name="FileBytes">How long its file is.</param>
/// <param name="OldestSegment">All segments from this one on are needed; those before may be gone.</param>
internal readonly record struct SnapshotReference(SequenceNumber Sequence, Digest Digest, long FileBytes, long OldestSegment)
{
    public const int Bytes = (3 * sizeof(long)) + Core.Digest.Bytes;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, Sequence.Value);
        Digest.CopyTo(destination[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], FileBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], OldestSegment);
    }

    public static SnapshotReference Read(ReadOnlySpan<byte> source) => new(
        new(BinaryPrimitives.ReadInt64LittleEndian(source)),
        new(source.Slice(8, Core.Digest.Bytes)),
        BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[48..]));
}
