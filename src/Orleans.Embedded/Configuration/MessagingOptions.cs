namespace Orleans.Configuration;

/// <summary>Limits on grain calls.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for a response before its call fails with <see cref="TimeoutException"/>. More than zero.</summary>
    /// <value>30 seconds by default.</value>
    /// <remarks>A request that is still queued when its caller has given up is dropped; one that runs is not interrupted.</remarks>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
