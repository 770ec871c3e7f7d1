namespace OrleansPbft.Core;

/// <summary>What a faulty replica was caught at.</summary>
public enum EvidenceKind : byte
{
    /// <summary>A primary signed two different digests at one (v, n).</summary>
    EquivocatingProposal = 1,

    /// <summary>A replica voted for two digests in one phase at one (v, n).</summary>
    EquivocatingVote,

    /// <summary>A replica that is not the primary of the view proposed in it.</summary>
    ProposalByBackup,

    /// <summary>The primary of a view sent a PREPARE in it; its PRE-PREPARE was its vote.</summary>
    PrepareByPrimary,

    /// <summary>A replica gave two digests for the state at one checkpoint.</summary>
    EquivocatingCheckpoint,

    /// <summary>A replica sent two different VIEW-CHANGEs for one view.</summary>
    EquivocatingViewChange,

    /// <summary>The primary of a view signed a NEW-VIEW that its VIEW-CHANGEs do not decide (rule VC-5).</summary>
    WrongNewView,

    /// <summary>A donor sent a chunk that is not what its digest says (rule ST-1).</summary>
    WrongChunk,

    /// <summary>A primary proposed a request whose signature is not its client's, which it must verify before (rule A-3).</summary>
    UnverifiedRequest,
}

/// <summary>That a replica sent what no correct replica sends. Kept and shown, never thrown (rule N-6).</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Accused">Who did it.</param>
/// <param name="View">v.</param>
/// <param name="Sequence">n.</param>
/// <param name="First">The digest first seen.</param>
/// <param name="Second">The digest that contradicts it.</param>
/// <param name="FirstEnvelope">The first signed message, where it was kept; else empty.</param>
/// <param name="SecondEnvelope">The second signed message, where it was kept; else empty.</param>
public sealed record Evidence(
    EvidenceKind Kind,
    ReplicaId Accused,
    View View,
    SequenceNumber Sequence,
    Digest First,
    Digest Second,
    ReadOnlyMemory<byte> FirstEnvelope = default,
    ReadOnlyMemory<byte> SecondEnvelope = default)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} by {Accused} at {View} {Sequence}: d:{First} and d:{Second}";
}
