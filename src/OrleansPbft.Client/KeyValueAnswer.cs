using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Client;

/// <summary>What a replicated key-value store answered, and who agreed on it.</summary>
/// <param name="Result">What became of the operation.</param>
/// <param name="View">The view the client believes the cluster is in.</param>
/// <param name="Sequence">Where it was executed; of a quorum read, up to where everything executed is in the result.</param>
/// <param name="Replicas">The f + 1 or more that gave equal answers.</param>
public readonly record struct KeyValueAnswer(KeyValueResult Result, View View, SequenceNumber Sequence, ReplicaSet Replicas)
{
    /// <summary>How it came about.</summary>
    public AnswerPath Path { get; init; }

    /// <summary>Reads the answer to one operation.</summary>
    /// <param name="outcome">The outcome of a bundle of <see cref="KeyValueOperation"/>s.</param>
    /// <param name="index">Which of them.</param>
    /// <exception cref="PbftOperationException">The store refused the operation.</exception>
    /// <exception cref="PbftFaultyClusterException">It is no answer of such a store; another service is replicated, or too many replicas are faulty.</exception>
    public static KeyValueAnswer Of(BundleOutcome outcome, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var data = PbftOperationException.ThrowUnlessDone(outcome.Results[index]);
        return KeyValueResult.TryRead(data, out var result)
            ? new(result, outcome.View, outcome.Sequence, outcome.Replicas) { Path = outcome.Path }
            : throw new PbftFaultyClusterException("The cluster's answer is none of a key-value store. Which service does it replicate?");
    }
}
