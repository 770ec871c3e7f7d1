namespace Orleans.Configuration;

/// <summary>When idle activations are deactivated, and how long activation and deactivation may take.</summary>
public class GrainCollectionOptions
{
    /// <summary>How often idle activations are looked for. More than zero.</summary>
    /// <value>One minute by default.</value>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an activation must have had no request before it is deactivated. More than <see cref="CollectionQuantum"/>.</summary>
    /// <value>15 minutes by default. Classes with <see cref="KeepAliveAttribute"/> are exempt.</value>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long OnActivateAsync may take; then its token is cancelled and the activation fails. More than zero.</summary>
    /// <value>30 seconds by default.</value>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long OnDeactivateAsync may take; then its token is cancelled and it is abandoned. More than zero.</summary>
    /// <value>30 seconds by default.</value>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
