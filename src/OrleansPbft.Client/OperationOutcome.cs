using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>An accepted answer to a single operation: final, and vouched for by at least one correct replica (rule C-4).</summary>
/// <param name="Result">The operation's result.</param>
/// <param name="View">The view the client believes the cluster is in; a hint, not part of what was agreed.</param>
/// <param name="Sequence">Where it was executed; of a quorum read, up to where everything executed is in the result.</param>
/// <param name="Replicas">The f + 1 or more that gave equal answers.</param>
public readonly record struct OperationOutcome(OperationResult Result, View View, SequenceNumber Sequence, ReplicaSet Replicas)
{
    /// <summary>How it came about.</summary>
    public AnswerPath Path { get; init; }
}
