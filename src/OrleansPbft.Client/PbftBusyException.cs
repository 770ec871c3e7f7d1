namespace OrleansPbft.Client;

/// <summary>Too much is waiting: the primary, or f + 1 replicas, went on refusing the request until its time was up (rule C-6), or this client's own queue is full.</summary>
/// <param name="message">Who is busy.</param>
/// <param name="retryAfter">See <see cref="RetryAfter"/>.</param>
/// <param name="mayHaveExecuted">False where it is this client's queue that is full.</param>
public sealed class PbftBusyException(string message, TimeSpan retryAfter, bool mayHaveExecuted) : PbftException("busy", message, mayHaveExecuted)
{
    /// <summary>How long to wait before trying again, as the replicas advise.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
