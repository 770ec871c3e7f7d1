using Microsoft.Extensions.Logging;

namespace OrleansPbft.Links;

/// <summary>Every line that links can log. 3100s: clients. 3200s: replicas.</summary>
internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Debug, "Client connection {Connection} opened; {Open} are open")]
    public static partial void ConnectionOpened(this ILogger log, string connection, int open);

    [LoggerMessage(3102, LogLevel.Debug, "Client connection {Connection} closed: {Cause}")]
    public static partial void ConnectionClosed(this ILogger log, string connection, CloseCause cause);

    [LoggerMessage(3103, LogLevel.Debug, "Client connection refused: {Reason}")]
    public static partial void ConnectionRefused(this ILogger log, string reason);

    [LoggerMessage(3201, LogLevel.Information, "The link to {Peer} is open")]
    public static partial void LinkOpened(this ILogger log, string peer);

    [LoggerMessage(3202, LogLevel.Warning, "{Problem}")]
    public static partial void NoLink(this ILogger log, string problem);

    [LoggerMessage(3203, LogLevel.Information, "The link from replica {Peer} is open")]
    public static partial void PeerLinkOpened(this ILogger log, int peer);

    [LoggerMessage(3204, LogLevel.Information, "The link from replica {Peer} ended: {End}")]
    public static partial void PeerLinkClosed(this ILogger log, int peer, LinkEnd end);

    [LoggerMessage(3205, LogLevel.Warning, "The link from replica {Peer} was closed for what came over it: {End}. It is refused for a while")]
    public static partial void PeerMisconduct(this ILogger log, int peer, LinkEnd end);

    [LoggerMessage(3206, LogLevel.Warning, "Refused a link from {Who}, as it says, at {Address} ({Reason}): {Detail} {Unsaid} like this were not told before")]
    public static partial void PeerRefused(this ILogger log, string who, System.Net.IPAddress? address, LinkRefusal reason, string detail, long unsaid);

    [LoggerMessage(3207, LogLevel.Warning,
        "A TLS connection from {Address} ended before anything was asked: it does not accept this silo's certificate, or speaks no TLS 1.3. "
        + "{Unsaid} like this were not told before")]
    public static partial void NothingAsked(this ILogger log, System.Net.EndPoint? address, long unsaid);
}
