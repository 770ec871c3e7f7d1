using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>A call whose caller waits, at most for the response time-out.</summary>
internal abstract class ResponseRequest : GrainRequest
{
    /// <summary>Neighbours among the activation's unanswered calls, oldest first. Guarded by the activation's gate.</summary>
    internal ResponseRequest? Older;

    /// <inheritdoc cref="Older"/>
    internal ResponseRequest? Newer;

    /// <summary>When the call was made, as the time provider's timestamp.</summary>
    internal long SentAt;

    public sealed override void Fail(Activation activation, Exception exception) => TryFail(exception);

    public sealed override void Reject(Silo silo, GrainId target, Exception reason) => TryFail(reason);

    public abstract bool TryFail(Exception exception);
}
