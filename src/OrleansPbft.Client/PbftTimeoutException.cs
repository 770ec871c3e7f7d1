namespace OrleansPbft.Client;

/// <summary>No f + 1 replicas gave the same answer in time. Where <see cref="PbftException.MayHaveExecuted"/> is true the outcome is unknown: read before asking again.</summary>
/// <param name="message">What was waited for, and how long.</param>
/// <param name="mayHaveExecuted">False only where the request never left this client.</param>
public sealed class PbftTimeoutException(string message, bool mayHaveExecuted) : PbftException("no-quorum", message, mayHaveExecuted);
