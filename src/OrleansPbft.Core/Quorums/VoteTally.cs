namespace OrleansPbft.Core;

/// <summary>What counting a vote did.</summary>
public enum VoteOutcome
{
    /// <summary>The replica's first vote here.</summary>
    Counted,

    /// <summary>The same vote again: counted once (LESSONS B1, B2).</summary>
    Duplicate,

    /// <summary>A vote for another digest than before: the first one stands, and both are evidence (rule N-6).</summary>
    Equivocation,
}

/// <summary>One vote of each replica for a digest: bounded by n whatever a peer sends (rules N-6, N-8).</summary>
/// <remarks>Keyed by replica; (view, sequence, phase) is which tally it is. No allocation after construction.</remarks>
internal sealed class VoteTally(int replicas)
{
    private readonly Digest[] _digests = new Digest[replicas];

    /// <summary>Who voted, for whatever digest.</summary>
    public ReplicaSet Voters { get; private set; }

    /// <summary>Counts <paramref name="voter"/>'s vote for <paramref name="digest"/>.</summary>
    public VoteOutcome Count(ReplicaId voter, Digest digest)
    {
        if (Voters.Contains(voter))
        {
            return _digests[voter.Index] == digest ? VoteOutcome.Duplicate : VoteOutcome.Equivocation;
        }

        Voters = Voters.With(voter);
        _digests[voter.Index] = digest;
        return VoteOutcome.Counted;
    }

    /// <summary>What <paramref name="voter"/> voted for; only where it is among <see cref="Voters"/>.</summary>
    public Digest VoteOf(ReplicaId voter) => _digests[voter.Index];

    /// <summary>Who voted for <paramref name="digest"/>.</summary>
    public ReplicaSet For(Digest digest)
    {
        var matching = ReplicaSet.Empty;
        foreach (var voter in Voters)
        {
            if (_digests[voter.Index] == digest) matching = matching.With(voter);
        }

        return matching;
    }

    /// <summary>The digest that at least <paramref name="needed"/> replicas voted for; null when there is none.</summary>
    /// <param name="needed">A quorum, so that there can be only one such digest.</param>
    public Digest? Agreed(int needed)
    {
        if (Voters.Count < needed) return null;
        foreach (var voter in Voters)
        {
            if (For(_digests[voter.Index]).Count >= needed) return _digests[voter.Index];
        }

        return null;
    }

    /// <summary>Forgets one replica's vote.</summary>
    public void Forget(ReplicaId voter) => Voters = Voters.Without(voter);

    /// <summary>Forgets every vote.</summary>
    public void Clear() => Voters = ReplicaSet.Empty;
}
