using Microsoft.Extensions.Logging;

namespace OrleansPbft.Links;

/// <summary>Every line a client port can log. 3100s: transport, clients.</summary>
internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Debug, "Client connection {Connection} opened; {Open} are open")]
    public static partial void ConnectionOpened(this ILogger log, string connection, int open);

    [LoggerMessage(3102, LogLevel.Debug, "Client connection {Connection} closed: {Cause}")]
    public static partial void ConnectionClosed(this ILogger log, string connection, CloseCause cause);

    [LoggerMessage(3103, LogLevel.Debug, "Client connection refused: {Reason}")]
    public static partial void ConnectionRefused(this ILogger log, string reason);
}
