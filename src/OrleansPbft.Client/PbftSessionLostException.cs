using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>f + 1 replicas say that the request's session is gone or has moved past it (rules C-2, C-3). The client opens a new
/// session for what it is asked next; this request it does not repeat, because an earlier copy may have been executed.</summary>
/// <param name="message">What the replicas said.</param>
/// <param name="status">See <see cref="Status"/>.</param>
public sealed class PbftSessionLostException(string message, ReplyStatus status) : PbftException("session-lost", message, mayHaveExecuted: true)
{
    /// <summary>What the replicas said.</summary>
    public ReplyStatus Status { get; } = status;
}
