namespace Orleans.Runtime;

/// <summary>One activation, as its grain and the runtime's extensions see it.</summary>
public interface IGrainContext
{
    /// <summary>A reference to the grain this activation is of.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain's identity.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain object; null until it is constructed and after it is gone.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of this activation: a scope that lives as long as it does.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone. Awaiting it inside the grain never ends.</summary>
    Task Deactivated { get; }

    /// <summary>Starts deactivation: what runs is finished, what waits goes to a fresh activation. Returns at once.</summary>
    /// <param name="deactivationReason">Told to OnDeactivateAsync.</param>
    /// <param name="cancellationToken">Cancels the token that OnDeactivateAsync gets.</param>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
