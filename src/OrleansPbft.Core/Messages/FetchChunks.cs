using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>⟨FETCH-CHUNKS, n, id*, i⟩: replica i fetches the state at checkpoint n and lacks these chunks of it (rule ST-1).</summary>
/// <param name="Sequence">n.</param>
/// <param name="Ids">1 to <see cref="IdsMax"/> places, each once.</param>
/// <param name="Sender">i.</param>
public sealed record FetchChunks(SequenceNumber Sequence, ImmutableArray<ChunkId> Ids, ReplicaId Sender) : IPeerMessage
{
    /// <summary>The most chunks asked for at a time.</summary>
    public const int IdsMax = 64;

    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.FetchChunks;

    /// <inheritdoc/>
    public int BodyBytes => ChunkEncoding.FetchBytes(Ids.Length);

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => ChunkEncoding.Write(ref writer, this);

    /// <inheritdoc/>
    public override string ToString() => $"FETCH-CHUNKS {Sequence} ({Ids.Length} chunks) from {Sender}";
}
