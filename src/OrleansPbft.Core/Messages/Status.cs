namespace OrleansPbft.Core;

/// <summary>⟨STATUS, v, h, e, i⟩: where replica i stands. Peers answer with exactly what it lacks after e (rule VC-9, normal case).</summary>
/// <param name="View">The view it is in.</param>
/// <param name="StableCheckpoint">h, its last stable checkpoint.</param>
/// <param name="LastExecuted">e, the last sequence number it executed.</param>
/// <param name="Sender">i.</param>
public sealed record Status(View View, SequenceNumber StableCheckpoint, SequenceNumber LastExecuted, ReplicaId Sender)
{
    /// <inheritdoc/>
    public override string ToString() => $"STATUS {View} h:{StableCheckpoint} e:{LastExecuted} from {Sender}";
}
