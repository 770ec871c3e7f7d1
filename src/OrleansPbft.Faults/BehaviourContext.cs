using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>What a faulty replica knows of itself.</summary>
/// <param name="Self">Which replica it is.</param>
/// <param name="Cluster">Whom there is to lie to.</param>
/// <param name="Seals">What it seals with.</param>
/// <param name="Random">Where its choices come from: the same seed and the same messages, the same lies.</param>
public sealed record BehaviourContext(ReplicaId Self, ClusterSize Cluster, ISeals Seals, Prng Random)
{
    /// <summary>The time-out that <see cref="FaultMode.Slow"/> stays just below.</summary>
    /// <value>2 s by default, as <see cref="ProtocolOptions.RequestTimeout"/>.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told each time it does what a correct replica does not; null for nobody.</summary>
    public Action? OnActed { get; init; }
}
