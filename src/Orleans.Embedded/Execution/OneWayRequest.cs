using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>A call whose caller has already gone on. What goes wrong is logged here, because nobody else learns of it.</summary>
internal abstract class OneWayRequest : GrainRequest
{
    public sealed override void Complete(Activation activation, Task task)
    {
        if (task.IsCompletedSuccessfully) return;
        activation.Silo.Logger.OneWayCallFailed(Name, activation.GrainId, task.Exception?.InnerException ?? new TaskCanceledException(task));
    }

    public sealed override void Fail(Activation activation, Exception exception) =>
        activation.Silo.Logger.OneWayCallFailed(Name, activation.GrainId, exception);

    // Counted and logged where it was rejected: under overload there may be many.
    public sealed override void Reject(Silo silo, GrainId target, Exception reason) => silo.OnOneWayDropped(this, target, reason);
}
