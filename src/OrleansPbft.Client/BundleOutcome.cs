using System.Collections.Immutable;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>An accepted answer: final, and vouched for by at least one correct replica (rule C-4).</summary>
/// <param name="Results">The result of each operation of the bundle, in order.</param>
/// <param name="View">The view the client believes the cluster is in; a hint, not part of what was agreed.</param>
/// <param name="Sequence">Where the bundle was executed; of a quorum read, up to where everything executed is in the results.</param>
/// <param name="Replicas">The f + 1 or more that gave equal answers.</param>
public sealed record BundleOutcome(ImmutableArray<OperationResult> Results, View View, SequenceNumber Sequence, ReplicaSet Replicas)
{
    /// <summary>How it came about.</summary>
    public AnswerPath Path { get; init; }
}
