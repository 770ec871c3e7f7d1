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

    /// <summary>The checkpoint at n with digest d became stable: everything up to n can go.</summary>
    StableCheckpoint,
}

/// <summary>One record of a replica's journal.</summary>
/// <param name="Kind">What it records.</param>
/// <param name="View">v; <see cref="View.Initial"/> for a checkpoint.</param>
/// <param name="Sequence">n.</param>
/// <param name="Digest">d.</param>
/// <param name="Proposal">The proposal, in <see cref="JournalRecordKind.PrePrepared"/>.</param>
public readonly record struct JournalRecord(
    JournalRecordKind Kind, View View, SequenceNumber Sequence, Digest Digest, PrePrepare? Proposal);
