namespace OrleansPbft.Core;

/// <summary>⟨BATCH, n, d, i⟩ with the batch that digests to d: the answer to a FETCH-BATCH. It is believed for its digest, not for its sender.</summary>
/// <param name="Sequence">n.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Sender">i.</param>
public sealed record FetchedBatch(SequenceNumber Sequence, Batch Batch, ReplicaId Sender) : IPeerMessage
{
    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.Batch;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.BatchBodyBytes;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Payload => Batch.Encoding;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer)
    {
        writer.WriteInt64(Sequence.Value);
        writer.WriteDigest(Batch.Digest);
    }

    /// <inheritdoc/>
    public override string ToString() => $"BATCH {Sequence} d:{Batch.Digest} from {Sender}";
}
