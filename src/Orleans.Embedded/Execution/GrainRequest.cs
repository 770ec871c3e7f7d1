using System.Diagnostics;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>One call on its way to one activation: the message and its place in the queue in one object.</summary>
/// <remarks>For each method of a grain interface <see cref="ProxyEmitter"/> emits a class that adds the arguments.</remarks>
internal abstract class GrainRequest
{
    /// <summary>The next in the queue that holds this request. Guarded by the activation's gate.</summary>
    internal GrainRequest? Next;

    /// <summary>Position in the order of arrival at the activation. Guarded by the activation's gate.</summary>
    internal long Arrival;

    /// <summary>The caller's span, where calls carry it.</summary>
    internal Activity? Activity;

    /// <summary>How many activations that were going away this request has met.</summary>
    internal byte Forwards;

    /// <summary>Interface and method, for logs and errors.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it may start while another request of the activation is awaiting something.</summary>
    public virtual bool Interleaves => false;

    /// <summary>Whether it belongs to one activation and is neither counted against the limit nor forwarded to another.</summary>
    public virtual bool IsLocal => false;

    /// <summary>Whether it counts as activity of the grain.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Whether nobody waits for it any longer, so that it need not run.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>Calls the grain. May throw; what it returns may have failed, or not be complete.</summary>
    public abstract Task Begin(object grain);

    /// <summary>The call is over; <paramref name="task"/> is complete.</summary>
    public abstract void Complete(Activation activation, Task task);

    /// <summary>The call threw before it returned a task.</summary>
    public abstract void Fail(Activation activation, Exception exception);

    /// <summary>The grain never saw the call.</summary>
    public abstract void Reject(Silo silo, GrainId target, Exception reason);
}
