namespace OrleansPbft.Core;

/// <summary>⟨FETCH-BATCH, n, d, i⟩: replica i was told that d was chosen at n and lacks the batch (rules VC-4, VC-6).</summary>
/// <param name="Sequence">n.</param>
/// <param name="Digest">d.</param>
/// <param name="Sender">i.</param>
public sealed record FetchBatch(SequenceNumber Sequence, Digest Digest, ReplicaId Sender) : IPeerMessage
{
    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.FetchBatch;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.BatchBodyBytes;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer)
    {
        writer.WriteInt64(Sequence.Value);
        writer.WriteDigest(Digest);
    }

    /// <inheritdoc/>
    public override string ToString() => $"FETCH-BATCH {Sequence} d:{Digest} from {Sender}";
}
