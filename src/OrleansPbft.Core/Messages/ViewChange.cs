using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>An entry of C: a checkpoint that a replica holds.</summary>
/// <param name="Sequence">n.</param>
/// <param name="Digest">The digest of its state after n; zero at n = 0, where all began.</param>
public readonly record struct HeldCheckpoint(SequenceNumber Sequence, Digest Digest);

/// <summary>An entry of P or Q: what a replica prepared, or pre-prepared, at n, and the latest view in which it did.</summary>
/// <param name="Sequence">n.</param>
/// <param name="Digest">d.</param>
/// <param name="View">v.</param>
public readonly record struct LogEntry(SequenceNumber Sequence, Digest Digest, View View);

/// <summary>⟨VIEW-CHANGE, v, h, C, P, Q, i⟩: replica i has left all views before v, and this is what it knows (rule VC-2; TOCS 2002, section 4.5).</summary>
public sealed class ViewChange : IPeerMessage
{
    /// <summary>The most digests Q names for one n: those of the latest views.</summary>
    public const int PrePreparedMax = 4;

    /// <summary>Describes a VIEW-CHANGE.</summary>
    public ViewChange(
        View view,
        SequenceNumber stableCheckpoint,
        ImmutableArray<HeldCheckpoint> checkpoints,
        ImmutableArray<LogEntry> prepared,
        ImmutableArray<LogEntry> prePrepared,
        ReplicaId sender,
        ReadOnlyMemory<byte> envelope = default)
    {
        View = view;
        StableCheckpoint = stableCheckpoint;
        Checkpoints = checkpoints;
        Prepared = prepared;
        PrePrepared = prePrepared;
        Sender = sender;
        Envelope = envelope;
    }

    /// <summary>v: the view it votes for.</summary>
    public View View { get; }

    /// <summary>h.</summary>
    public SequenceNumber StableCheckpoint { get; }

    /// <summary>C, in ascending order of n. The one at h is first; it is missing where the replica knows that h is stable, and not of which state (ST-1).</summary>
    public ImmutableArray<HeldCheckpoint> Checkpoints { get; }

    /// <summary>P, in ascending order of n: for each n at most the last that prepared.</summary>
    public ImmutableArray<LogEntry> Prepared { get; }

    /// <summary>Q, in ascending order of n and digest.</summary>
    public ImmutableArray<LogEntry> PrePrepared { get; }

    /// <inheritdoc/>
    public ReplicaId Sender { get; }

    /// <summary>The sealed bytes as received: what a NEW-VIEW shows as its proof. Empty in one's own.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.ViewChange;

    /// <inheritdoc/>
    public int BodyBytes => ViewChangeEncoding.BodyBytes(Checkpoints.Length, Prepared.Length, PrePrepared.Length);

    /// <summary>What P names at <paramref name="sequence"/>; null where it names nothing.</summary>
    public LogEntry? PreparedAt(SequenceNumber sequence)
    {
        var at = FirstAt(Prepared, sequence);
        return at < Prepared.Length && Prepared[at].Sequence == sequence ? Prepared[at] : null;
    }

    /// <summary>What Q names at <paramref name="sequence"/>.</summary>
    public ReadOnlySpan<LogEntry> PrePreparedAt(SequenceNumber sequence)
    {
        var from = FirstAt(PrePrepared, sequence);
        var to = from;
        while (to < PrePrepared.Length && PrePrepared[to].Sequence == sequence) to++;
        return PrePrepared.AsSpan(from, to - from);
    }

    /// <summary>Whether P or Q names <paramref name="digest"/> at <paramref name="sequence"/>: whether its sender has that batch.</summary>
    public bool Names(SequenceNumber sequence, Digest digest)
    {
        foreach (ref readonly var entry in PrePreparedAt(sequence))
        {
            if (entry.Digest == digest) return true;
        }

        return PreparedAt(sequence)?.Digest == digest;
    }

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => ViewChangeEncoding.Write(ref writer, this);

    /// <summary>Whether two say the same, byte for byte of their bodies.</summary>
    public bool SaysTheSame(ViewChange other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return View == other.View && StableCheckpoint == other.StableCheckpoint && Sender == other.Sender
            && Checkpoints.AsSpan().SequenceEqual(other.Checkpoints.AsSpan())
            && Prepared.AsSpan().SequenceEqual(other.Prepared.AsSpan())
            && PrePrepared.AsSpan().SequenceEqual(other.PrePrepared.AsSpan());
    }

    private static int FirstAt(ImmutableArray<LogEntry> entries, SequenceNumber sequence)
    {
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Sequence < sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"VIEW-CHANGE {View} h:{StableCheckpoint} C:{Checkpoints.Length} P:{Prepared.Length} Q:{PrePrepared.Length} from {Sender}";
}
