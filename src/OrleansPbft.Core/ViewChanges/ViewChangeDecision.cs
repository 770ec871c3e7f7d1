using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>What a set of VIEW-CHANGEs decides: where the new view starts, and what each sequence number after it holds (rule VC-4).</summary>
/// <remarks>A pure function of the set and of n: the new primary runs it to make its NEW-VIEW, every backup to check it (rule VC-5;
/// TOCS 2002, section 4.5 and figure 4).</remarks>
/// <param name="Base">(h*, d*): the checkpoint to start from.</param>
/// <param name="Choices">The digest chosen at h* + 1, h* + 2, ...; that of <see cref="BatchEncoding.Null"/> where nothing can have committed.</param>
public sealed record ViewChangeDecision(HeldCheckpoint Base, ImmutableArray<Digest> Choices)
{
    /// <summary>The last sequence number chosen for; h* when there is none.</summary>
    public SequenceNumber Last => Base.Sequence.Plus(Choices.Length);

    /// <summary>What was chosen at <paramref name="sequence"/>, which must be in (h*, <see cref="Last"/>].</summary>
    public Digest ChoiceAt(SequenceNumber sequence) => Choices[(int)(sequence.Value - Base.Sequence.Value) - 1];

    /// <summary>Decides; null while the set is too small, or leaves something open: wait for more VIEW-CHANGEs.</summary>
    /// <remarks>What P names beyond h* + L must be shown to be nothing, or a higher base is still to be learnt: with the VIEW-CHANGEs of all
    /// correct replicas in the set, h* is at least the h of each of them. So a lie about far sequence numbers makes nobody choose for them.</remarks>
    /// <param name="cluster">n and its thresholds.</param>
    /// <param name="logWindow">L.</param>
    /// <param name="set">Valid VIEW-CHANGEs for one view, of distinct replicas, in any order.</param>
    public static ViewChangeDecision? Decide(ClusterSize cluster, int logWindow, IReadOnlyList<ViewChange> set)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(set);
        if (set.Count < cluster.Quorum || ChooseBase(cluster, set) is not { } from) return null;

        var end = from.Sequence.Plus(logWindow);
        var last = from.Sequence;
        foreach (var member in set)
        {
            foreach (var entry in member.Prepared)
            {
                if (entry.Sequence > end && Choose(cluster, set, entry.Sequence) != BatchEncoding.Null.Digest) return null;
                if (entry.Sequence <= end && entry.Sequence > last) last = entry.Sequence;
            }
        }

        var choices = ImmutableArray.CreateBuilder<Digest>((int)(last.Value - from.Sequence.Value));
        for (var n = from.Sequence.Next; n <= last; n = n.Next)
        {
            if (Choose(cluster, set, n) is not { } choice) return null;
            choices.Add(choice);
        }

        return new(from, choices.MoveToImmutable());
    }

    /// <summary>The highest checkpoint that f + 1 hold, one of them correct, and that q are not beyond (LESSONS B24, B26).</summary>
    private static HeldCheckpoint? ChooseBase(ClusterSize cluster, IReadOnlyList<ViewChange> set)
    {
        HeldCheckpoint? highest = null;
        foreach (var member in set)
        {
            foreach (var candidate in member.Checkpoints)
            {
                if (highest is { } known && candidate.Sequence <= known.Sequence) continue;
                var (notBeyond, holding) = (0, 0);
                foreach (var other in set)
                {
                    if (other.StableCheckpoint <= candidate.Sequence) notBeyond++;
                    if (other.Checkpoints.Contains(candidate)) holding++;
                }

                if (notBeyond >= cluster.Quorum && holding >= cluster.WeakQuorum) highest = candidate;
            }
        }

        return highest;
    }

    /// <summary>d where some P entry satisfies A1 and A2, that of the highest view first (LESSONS B23); else null where q know of nothing.</summary>
    private static Digest? Choose(ClusterSize cluster, IReadOnlyList<ViewChange> set, SequenceNumber n)
    {
        LogEntry? chosen = null;
        var knowingNothing = 0;
        foreach (var member in set)
        {
            if (member.PreparedAt(n) is not { } entry)
            {
                if (member.StableCheckpoint < n) knowingNothing++;
                continue;
            }

            if (chosen is { } known && !IsPreferred(entry, known)) continue;
            if (MayHaveCommitted(cluster, set, entry) && WasProposed(cluster, set, entry)) chosen = entry;
        }

        if (chosen is { } choice) return choice.Digest;
        return knowingNothing >= cluster.Quorum ? BatchEncoding.Null.Digest : null;
    }

    private static bool IsPreferred(in LogEntry entry, in LogEntry known) =>
        entry.View != known.View ? entry.View > known.View : entry.Digest.CompareTo(known.Digest) < 0; // the same at every replica

    /// <summary>A1: q members below n say nothing against it: nothing prepared there, or in an earlier view, or this very entry.</summary>
    private static bool MayHaveCommitted(ClusterSize cluster, IReadOnlyList<ViewChange> set, in LogEntry entry)
    {
        var agreeing = 0;
        foreach (var member in set)
        {
            if (member.StableCheckpoint >= entry.Sequence) continue;
            if (member.PreparedAt(entry.Sequence) is not { } theirs || theirs.View < entry.View || theirs == entry) agreeing++;
        }

        return agreeing >= cluster.Quorum;
    }

    /// <summary>A2: f + 1 members pre-prepared it in that view or later, so that a correct one did, and has the batch.</summary>
    private static bool WasProposed(ClusterSize cluster, IReadOnlyList<ViewChange> set, in LogEntry entry)
    {
        var naming = 0;
        foreach (var member in set)
        {
            foreach (ref readonly var proposed in member.PrePreparedAt(entry.Sequence))
            {
                if (proposed.Digest != entry.Digest || proposed.View < entry.View) continue;
                naming++;
                break;
            }
        }

        return naming >= cluster.WeakQuorum;
    }

    /// <summary>Whether two decide the same.</summary>
    public bool Equals(ViewChangeDecision? other) => other is not null && Base == other.Base && Choices.AsSpan().SequenceEqual(other.Choices.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Base, Choices.Length);

    /// <inheritdoc/>
    public override string ToString() => $"base {Base.Sequence} choices [{string.Join(" ", Choices.Select(static d => d == BatchEncoding.Null.Digest ? "null" : $"d:{d}"))}]";
}
