namespace OrleansPbft.Core;

/// <summary>⟨CHECKPOINT, n, d, i⟩: after executing n, replica i's whole replicated state digests to d (rule K-1).</summary>
/// <param name="Sequence">n, a multiple of K.</param>
/// <param name="Digest">Of service state, session table and configuration.</param>
/// <param name="Sender">i.</param>
public sealed record Checkpoint(SequenceNumber Sequence, Digest Digest, ReplicaId Sender) : IPeerMessage
{
    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.Checkpoint;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.CheckpointBodyBytes;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer)
    {
        writer.WriteInt64(Sequence.Value);
        writer.WriteDigest(Digest);
    }

    /// <inheritdoc/>
    public override string ToString() => $"CHECKPOINT {Sequence} d:{Digest} from {Sender}";
}
