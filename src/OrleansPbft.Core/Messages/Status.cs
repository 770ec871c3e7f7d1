namespace OrleansPbft.Core;

/// <summary>⟨STATUS, v, a, h, e, p, z, y, i⟩: where replica i stands. Peers answer with exactly what it lacks (rule VC-9), and what a learner must know (D-5).</summary>
/// <param name="View">The view it is in, or changes to.</param>
/// <param name="IsActive">a: whether it has the NEW-VIEW of that view; always in view 0.</param>
/// <param name="StableCheckpoint">h, its last stable checkpoint.</param>
/// <param name="LastExecuted">e, the last sequence number it executed.</param>
/// <param name="Sender">i.</param>
public sealed record Status(View View, bool IsActive, SequenceNumber StableCheckpoint, SequenceNumber LastExecuted, ReplicaId Sender) : IPeerMessage
{
    /// <summary>p: the highest sequence number it ever prepared or executed.</summary>
    public SequenceNumber HighestPrepared { get; init; } = LastExecuted;

    /// <summary>z: the number of its life, where it is a learner; 0 where it takes part.</summary>
    public long Life { get; init; }

    /// <summary>y: the life of the learner that this answers; 0 where it answers none.</summary>
    public long Echo { get; init; }

    /// <summary>Whether y is the only life of that learner that i ever heard of.</summary>
    public bool Vouches { get; init; }

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
        writer.WriteInt64(HighestPrepared.Value);
        writer.WriteInt64(Life);
        writer.WriteInt64(Echo);
        writer.WriteByte(Vouches ? (byte)1 : (byte)0);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"STATUS {View}{(IsActive ? "" : " changing")} h:{StableCheckpoint} e:{LastExecuted}{(HighestPrepared == LastExecuted ? "" : $" p:{HighestPrepared}")}"
        + $"{(Life == 0 ? "" : $" learner {Life}")}{(Echo == 0 ? "" : Vouches ? $" vouches for {Echo}" : $" to {Echo}")} from {Sender}";
}
