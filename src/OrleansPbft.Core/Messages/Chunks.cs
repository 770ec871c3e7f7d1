using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>One chunk of a state.</summary>
/// <param name="Id">Its place.</param>
/// <param name="Bytes">Its bytes: believed for their digest, not for their sender.</param>
public readonly record struct Chunk(ChunkId Id, ReadOnlyMemory<byte> Bytes);

/// <summary>⟨CHUNKS, n, chunk*, i⟩: replica i's answer to a FETCH-CHUNKS: as many of them as fit, none when it has that state no more (rule ST-1).</summary>
/// <param name="Sequence">n.</param>
/// <param name="Items">The chunks.</param>
/// <param name="Sender">i.</param>
public sealed record Chunks(SequenceNumber Sequence, ImmutableArray<Chunk> Items, ReplicaId Sender) : IPeerMessage
{
    /// <summary>An answer is filled up to this, and holds one chunk however large.</summary>
    public const int BytesAim = 256 << 10;

    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.Chunks;

    /// <inheritdoc/>
    public int BodyBytes => ChunkEncoding.ChunksBytes(this);

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => ChunkEncoding.Write(ref writer, this);

    /// <inheritdoc/>
    public override string ToString() => $"CHUNKS {Sequence} ({Items.Length} chunks) from {Sender}";
}
