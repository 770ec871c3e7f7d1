namespace OrleansPbft.Client;

/// <summary>The cluster can not be reached, or what answers is not the cluster.</summary>
/// <param name="message">The address, what happened there, and what to do.</param>
/// <param name="mayHaveExecuted">Whether the request had been sent before the connection was lost.</param>
/// <param name="inner">The cause.</param>
public sealed class PbftConnectionException(string message, bool mayHaveExecuted, Exception? inner = null)
    : PbftException("unreachable", message, mayHaveExecuted, inner);
