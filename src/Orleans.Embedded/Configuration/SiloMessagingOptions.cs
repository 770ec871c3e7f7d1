namespace Orleans.Configuration;

/// <summary>Limits on grain calls inside a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How many requests may wait at one activation. 0 means no limit.</summary>
    /// <value>65 536 by default. (Orleans itself has no limit by default: a host that relies on one sets it.)</value>
    /// <remarks>
    /// Above the limit a call fails with <see cref="Runtime.LimitExceededException"/>; a one-way call is dropped, counted and logged.
    /// </remarks>
    public int MaxEnqueuedRequestsHardLimit { get; set; } = 65_536;

    /// <summary>How many times a request may meet an activation that is going away before it is rejected. At least 0.</summary>
    /// <value>2 by default.</value>
    public int MaxForwardCount { get; set; } = 2;
}
