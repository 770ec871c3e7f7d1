namespace OrleansPbft.Core;

/// <summary>n, and every threshold that follows from it. No other type does arithmetic on votes.</summary>
/// <remarks>
/// Quorums hold for any n, not only 3f + 1: two of them share at least f + 1 replicas, so at least one correct one, and f
/// silent replicas never prevent one (DESIGN 4; LESSONS B8, B9).
/// </remarks>
public sealed class ClusterSize
{
    /// <summary>The most replicas one cluster can have: votes are sets of 64 bits.</summary>
    public const int ReplicasMax = 64;

    /// <summary>Describes a cluster of <paramref name="replicas"/> replicas.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 and not 4 .. 64.</exception>
    public ClusterSize(int replicas)
    {
        if (replicas != 1 && replicas is < 4 or > ReplicasMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(replicas), replicas, $"A cluster has 4 to {ReplicasMax} replicas, or 1 for development.");
        }

        Replicas = replicas;
        MaxFaulty = (replicas - 1) / 3;
        Quorum = (replicas + MaxFaulty + 2) / 2; // ceil((n + f + 1) / 2)
        WeakQuorum = MaxFaulty + 1;
    }

    /// <summary>n.</summary>
    public int Replicas { get; }

    /// <summary>f = (n - 1) / 3: how many replicas may be faulty in any way.</summary>
    public int MaxFaulty { get; }

    /// <summary>q = ceil((n + f + 1) / 2), which is 2f + 1 at n = 3f + 1.</summary>
    public int Quorum { get; }

    /// <summary>f + 1: at least one of so many is correct.</summary>
    public int WeakQuorum { get; }

    /// <summary>q - 1: how many PREPAREs of distinct backups, beside the primary's PRE-PREPARE, make a slot prepared (N-3).</summary>
    public int PreparesNeeded => Quorum - 1;

    /// <summary>The primary of <paramref name="view"/>: v mod n.</summary>
    public ReplicaId PrimaryOf(View view) => new((int)(view.Number % Replicas));

    /// <summary>Whether <paramref name="replica"/> is one of the n.</summary>
    public bool Contains(ReplicaId replica) => (uint)replica.Index < (uint)Replicas;

    /// <summary>All n replicas.</summary>
    public ReplicaSet All => ReplicaSet.FirstN(Replicas);

    /// <inheritdoc/>
    public override string ToString() => $"n={Replicas} f={MaxFaulty} q={Quorum}";
}
