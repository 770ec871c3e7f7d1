using Orleans.Runtime;

namespace Orleans;

/// <summary>What every grain class implements, by deriving from <see cref="Grain"/> or by itself.</summary>
public interface IGrainBase
{
    /// <summary>The activation this object is the grain of.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first request. A failure reaches the callers, and the next call tries a new activation.</summary>
    /// <param name="token">Cancelled when activation takes longer than the configured time.</param>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last request. A failure is logged and changes nothing.</summary>
    /// <param name="reason">Why the activation goes away.</param>
    /// <param name="token">Cancelled when deactivation takes longer than the configured time.</param>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
