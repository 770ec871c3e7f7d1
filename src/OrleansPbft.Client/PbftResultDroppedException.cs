using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>The operations were executed, once, but their results are no longer kept (rule C-3): the answer came too late.</summary>
/// <param name="sequence">See <see cref="Sequence"/>.</param>
public sealed class PbftResultDroppedException(SequenceNumber sequence)
    : PbftException("result-dropped", $"The operations were executed at {sequence}, but the cluster no longer keeps their results. Read what they changed.", mayHaveExecuted: true)
{
    /// <summary>Where they were executed.</summary>
    public SequenceNumber Sequence { get; } = sequence;
}
