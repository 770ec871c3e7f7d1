namespace OrleansPbft.Core;

/// <summary>⟨STATUS, v, a, h, e, i⟩: where replica i stands. Peers answer with exactly what it lacks (rule VC-9).</summary>
/// <param name="View">The view it is in, or changes to.</param>
/// <param name="IsActive">a: whether it has the NEW-VIEW of that view; always in view 0.</param>
/// <param name="StableCheckpoint">h, its last stable checkpoint.</param>
/// <param name="LastExecuted">e, the last sequence number it executed.</param>
/// <param name="Sender">i.</param>
public sealed record Status(View View, bool IsActive, SequenceNumber StableCheckpoint, SequenceNumber LastExecuted, ReplicaId Sender) : IPeerMessage
{
    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.Status;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.StatusBodyBytes;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer)
    {
        writer.WriteInt64(View.Number);
        writer.WriteByte(IsActive ? (byte)1 : (byte)0);
        writer.WriteInt64(StableCheckpoint.Value);
        writer.WriteInt64(LastExecuted.Value);
    }

    /// <inheritdoc/>
    public override string ToString() => $"STATUS {View}{(IsActive ? "" : " changing")} h:{StableCheckpoint} e:{LastExecuted} from {Sender}";
}
