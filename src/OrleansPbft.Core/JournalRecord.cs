namespace OrleansPbft.Core;

/// <summary>What a replica makes durable before it speaks (rule D-1).</summary>
public enum JournalRecordKind : byte
{
    /// <summary>Not a record.</summary>
    None = 0,

    /// <summary>A proposal made or accepted at (v, n): an entry of Q. With its batch.</summary>
    PrePrepared,

    /// <summary>d prepared at (v, n): an entry of P.</summary>
    Prepared,

    /// <summary>d committed at (v, n): it will be executed at n whatever happens.</summary>
    Committed,

    /// <summary>The checkpoint at n with digest d is stable, and the window begins behind it. With the state there, where this replica has it:
    /// once that is durable too, everything up to n can go.</summary>
    StableCheckpoint,

    /// <summary>All views before v are left for good, with the VIEW-CHANGE for v that says so.</summary>
    ViewLeft,

    /// <summary>View v is active here, with its NEW-VIEW.</summary>
    ViewEntered,

    /// <summary>What is known of lives, this replica's own and its peers' (D-5). The newest holds all there is.</summary>
    Lives,
}

/// <summary>One record of a replica's journal.</summary>
/// <param name="Kind">What it records.</param>
/// <param name="View">v; <see cref="View.Initial"/> for a checkpoint.</param>
/// <param name="Sequence">n.</param>
/// <param name="Digest">d.</param>
/// <param name="Subject">The <see cref="PrePrepare"/> of <see cref="JournalRecordKind.PrePrepared"/>, the <see cref="ViewChange"/> of
/// <see cref="JournalRecordKind.ViewLeft"/>, the <see cref="NewView"/> of <see cref="JournalRecordKind.ViewEntered"/>, the <see cref="StateSnapshot"/> of a
/// <see cref="JournalRecordKind.StableCheckpoint"/> or null, the <see cref="ReplicaLives"/> of <see cref="JournalRecordKind.Lives"/>; else null.</param>
public readonly record struct JournalRecord(
    JournalRecordKind Kind, View View, SequenceNumber Sequence, Digest Digest, object? Subject);
