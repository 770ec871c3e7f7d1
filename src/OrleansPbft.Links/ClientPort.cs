using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>Where clients outside the process come in: authentic requests and reads go to the replicas, replies come back. Nothing else does.</summary>
/// <remarks>A client that misbehaves loses its connection and costs the others nothing: all it can occupy is bounded
/// (<see cref="ClientPortOptions"/>), and whatever is refused is counted by reason.</remarks>
public sealed class ClientPort : IDisposable
{
    private readonly IClientGateway _gateway;
    private readonly ClientPortOptions _options;
    private readonly ClientPortMetrics _metrics;
    private readonly RejectBudget _rejects;
    private readonly AddressPace _offenders;
    private readonly TimeProvider _time;
    private readonly ILogger<ClientPort> _log;
    private readonly ConcurrentDictionary<ClientPortConnection, bool> _connections = new();
    private readonly CancellationTokenRegistration _stopping;
    private int _open;
    private volatile bool _stops;

    /// <summary>Makes a port; <see cref="HandleAsync"/> serves it.</summary>
    /// <param name="gateway">The node behind it.</param>
    /// <param name="options">What it puts up with.</param>
    /// <param name="meters">Makes the meter <c>OrleansPbft</c>.</param>
    /// <param name="lifetime">When the host stops, all clients are told.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public ClientPort(
        IClientGateway gateway,
        IOptions<ClientPortOptions> options,
        IMeterFactory meters,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<ClientPort> log)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(lifetime);
        _gateway = gateway;
        _options = options.Value;
        _metrics = new(meters);
        _time = time;
        _log = log;
        _rejects = new(Math.Max(1, _options.RejectsPerSecondMax), time);
        _offenders = new(Math.Max(1, _options.OffencesPerSecondMax), time);
        var messageBytesMin = LinkFrame.BytesOf(gateway.Opener.Limits.RequestBytesMax);
        if (_options.MessageBytesMax < messageBytesMin)
        {
            throw new OptionsValidationException(
                nameof(ClientPortOptions),
                typeof(ClientPortOptions),
                [$"ClientPort:MessageBytesMax ({_options.MessageBytesMax}) must be at least {messageBytesMin}, for the cluster's RequestBytesMax."]);
        }

        _stopping = lifetime.ApplicationStopping.Register(Stop);
    }

    /// <summary>How many connections are open.</summary>
    public int Connections => Volatile.Read(ref _open);

    /// <summary>Serves one connection from its handshake to its end.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (FindObstacle(context) is { } obstacle)
        {
            await RefuseAsync(context, obstacle);
            return;
        }

        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (_offenders.WaitOf(address) is var wait && wait > TimeSpan.Zero)
        {
            var waiting = Task.Delay(wait, _time, context.RequestAborted);
            _metrics.OnDelayed(); // it waits by now, which tests rely on
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (context.RequestAborted.IsCancellationRequested) return;
        }

        try
        {
            if (Interlocked.Increment(ref _open) > _options.ConnectionsMax)
            {
                await RefuseAsync(context, new("TooManyConnections", StatusCodes.Status503ServiceUnavailable, "This silo takes no more connections now."));
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(LinkFrame.SubprotocolWithTraces)
                    ? LinkFrame.SubprotocolWithTraces
                    : LinkFrame.Subprotocol,
                KeepAliveInterval = _options.SilenceMax,
                KeepAliveTimeout = _options.SilenceMax,
            });
            await ServeAsync(context.Connection.Id, address, socket, ProvenBy(context.Connection.ClientCertificate));
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>Takes no more connections, and says good-bye on all that are open.</summary>
    public void Stop()
    {
        _stops = true;
        foreach (var connection in _connections.Keys) connection.BeginClose(CloseCause.Shutdown);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private static ClientId? ProvenBy(X509Certificate2? certificate) =>
        certificate is not null && ReplicaCertificate.TryReadKey(certificate, out var key) ? key.ClientId : null;

    private async Task ServeAsync(string name, IPAddress address, WebSocket socket, ClientId? proven)
    {
        using var connection = new ClientPortConnection(socket, proven, _gateway, _options, _rejects, _metrics, _time);
        _connections.TryAdd(connection, true);
        _metrics.OnOpened();
        _log.ConnectionOpened(name, Connections);
        if (_stops) connection.BeginClose(CloseCause.Shutdown); // it may have come too late to be told by Stop
        var cause = CloseCause.Lost;
        try
        {
            cause = await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            if (cause.IsOffence()) _offenders.Charge(address);
            _metrics.OnClosed(cause);
            _log.ConnectionClosed(name, cause);
        }
    }

    private Obstacle? FindObstacle(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return new("NotWebSocket", StatusCodes.Status400BadRequest, "This is the client port: it speaks WebSocket. For HTTP, see /openapi/v1.json.");
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (!offered.Contains(LinkFrame.Subprotocol) && !offered.Contains(LinkFrame.SubprotocolWithTraces))
        {
            return new("OtherProtocol", StatusCodes.Status400BadRequest, $"The client port speaks the subprotocol {LinkFrame.Subprotocol}.");
        }

        // A page of another site that a person of this network looks at must not reach the cluster through their browser.
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var site) && site.Authority == context.Request.Host.Value))
        {
            return new("OtherOrigin", StatusCodes.Status403Forbidden, "Pages of other sites may not use the client port.");
        }

        var cluster = context.Request.Query["cluster"].ToString();
        if (cluster.Length > 0 && cluster != _gateway.Cluster.ToString())
        {
            return new("OtherCluster", StatusCodes.Status421MisdirectedRequest, $"This silo serves the cluster {_gateway.Cluster}.");
        }

        return _stops ? new("Stopping", StatusCodes.Status503ServiceUnavailable, "This silo stops.") : null;
    }

    private Task RefuseAsync(HttpContext context, Obstacle obstacle)
    {
        _metrics.OnRefused(obstacle.Reason);
        _log.ConnectionRefused(obstacle.Reason);
        return TypedResults.Problem(obstacle.Detail, statusCode: obstacle.Status).ExecuteAsync(context);
    }

    private sealed record Obstacle(string Reason, int Status, string Detail);
}
