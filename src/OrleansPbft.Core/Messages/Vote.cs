namespace OrleansPbft.Core;

/// <summary>Which of the two votes a <see cref="Vote"/> is. The numbers are those of <see cref="MessageKind"/>.</summary>
public enum VotePhase : byte
{
    /// <summary>⟨PREPARE, v, n, d, i⟩: backup i accepted the primary's proposal of d at (v, n).</summary>
    Prepare = MessageKind.Prepare,

    /// <summary>⟨COMMIT, v, n, d, i⟩: d is prepared at (v, n) at replica i.</summary>
    Commit = MessageKind.Commit,
}

/// <summary>A PREPARE or a COMMIT (PBFT 4.2, rules N-3 and N-4). A value: votes are most messages, and cost no allocation.</summary>
/// <param name="Phase">PREPARE or COMMIT.</param>
/// <param name="View">v.</param>
/// <param name="Sequence">n.</param>
/// <param name="Digest">d, the digest of the batch voted for.</param>
/// <param name="Sender">i, whose vote it is.</param>
public readonly record struct Vote(VotePhase Phase, View View, SequenceNumber Sequence, Digest Digest, ReplicaId Sender)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Phase == VotePhase.Prepare ? "PREPARE" : "COMMIT")} {View} {Sequence} d:{Digest} from {Sender}";
}
