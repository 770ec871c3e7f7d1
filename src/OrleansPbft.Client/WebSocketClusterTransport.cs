using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>Reaches all replicas of a cluster through the client port of one silo, over one WebSocket that many clients can share.</summary>
/// <remarks>It connects when there is something to send, and again, ever more patiently, while anybody waits for an answer.</remarks>
public sealed class WebSocketClusterTransport : IClusterTransport, IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    // Many clients are answered by one message, and what they do next waits for a thread: most ask again.
    private static readonly Func<bool> IsMoreLikely = static () => ThreadPool.PendingWorkItemCount > 0;

    private readonly string _name;
    private readonly Uri _address;
    private readonly PinnedTls? _tls;
    private readonly bool _isLoopback;
    private readonly ClusterId _cluster;
    private readonly int _replicas;
    private readonly WireLimits _limits;
    private readonly WebSocketTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ClientId, IEnvelopeReceiver[]> _receivers = new();
    private readonly Lock _gate = new();

    private Task _run = Task.CompletedTask; // gate, as all below
    private bool _isRunning;
    private bool _isWanted;
    private FramePump? _pump;
    private volatile bool _takesTraces; // whether the silo knows the notices of traces
    private volatile TransportState _state;
    private volatile string? _problem;

    /// <summary>Makes a transport. It connects when something is sent.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="cluster">The cluster that must answer there.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="time">The clock; the system's, when not given.</param>
    /// <exception cref="ArgumentException">The address is not one of http or https.</exception>
    public WebSocketClusterTransport(Uri endpoint, ClusterInfo cluster, WebSocketTransportOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(cluster);
        if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"{endpoint} is not an address like http://127.0.0.1:5080.", nameof(endpoint));
        }

        _name = endpoint.ToString();
        _isLoopback = endpoint.IsLoopback;
        _cluster = cluster.Id;
        _replicas = cluster.Cluster.Replicas;
        _limits = new(cluster.Options);
        _options = options ?? new();
        _time = time ?? TimeProvider.System;
        _address = AddressOf(endpoint.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, endpoint.Authority, cluster);
    }

    /// <summary>Makes a transport to one replica of a federation, over TLS that only its key opens.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="cluster">The federation.</param>
    /// <param name="certificate">Proves to the replica whose replies to send here. Not disposed.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="time">The clock.</param>
    internal WebSocketClusterTransport(
        ReplicaId replica, ReplicaAddress address, ClusterInfo cluster, X509Certificate2 certificate, WebSocketTransportOptions options, TimeProvider time)
    {
        cluster.Membership.TryGetKey(replica, out var pin);
        _name = $"replica {replica.Index} at {address}";
        _cluster = cluster.Id;
        _replicas = cluster.Cluster.Replicas;
        _limits = new(cluster.Options);
        _options = options;
        _time = time;
        _tls = new(pin, _name, time, certificate);
        _address = AddressOf(Uri.UriSchemeWss, address.ToString(), cluster);
    }

    /// <inheritdoc/>
    public TransportState State => _state;

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <inheritdoc/>
    public bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        var pump = Connect();
        var notice = traceParent is not null && _takesTraces ? LinkNotice.OfTrace(traceParent) : null;
        return pump is not null && pump.TryAdd(to, envelope, notice);
    }

    /// <summary>Makes a connection if there is none; what sends on it, if there is one.</summary>
    internal FramePump? Connect()
    {
        lock (_gate)
        {
            if (_pump is not null || _state == TransportState.Closed) return _pump;
            _isWanted = true;
            if (!_isRunning)
            {
                _isRunning = true;
                _run = Task.Run(RunAsync);
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public IDisposable Attach(ClientId client, IEnvelopeReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        _receivers.AddOrUpdate(client, static (_, added) => [added], static (_, known, added) => [.. known, added], receiver);
        return new Attachment(this, client, receiver);
    }

    /// <summary>Says good-bye to the silo, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        Task run;
        lock (_gate)
        {
            _pump?.Close(WebSocketCloseStatus.NormalClosure, "");
            _pump = null;
            _state = TransportState.Closed;
            _problem ??= "The connection was closed by this side.";
            run = _run;
        }

        TellAll(static receiver => receiver.OnClosed());
        _stop.CancelAfter(CloseTimeout); // for a silo that does not answer the good-bye, and for one that is only tried
        await run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = _options.ReconnectAfter;
        while (true)
        {
            using (var socket = new ClientWebSocket())
            {
                if (await TryConnectAsync(socket) && await ServeAsync(socket)) wait = _options.ReconnectAfter;
            }

            if (_state == TransportState.Closed)
            {
                TellAll(static receiver => receiver.OnClosed());
                return;
            }

            var anybodyWaits = _receivers.Values.Any(static receivers => receivers.Any(static receiver => receiver.IsWaiting));
            lock (_gate)
            {
                _isRunning = anybodyWaits || _isWanted;
                _isWanted = false;
                if (!_isRunning) return;
            }

            // Between half and one and a half of the wait, so that the clients of a silo that restarts do not come all at once.
            if (!await DelayAsync(wait * (0.5 + Random.Shared.NextDouble()))) return;
            wait = wait * 2 < _options.ReconnectAfterMax ? wait * 2 : _options.ReconnectAfterMax;
        }
    }

    private async Task<bool> DelayAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _time, _stop.Token);
            return _state != TransportState.Closed;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> TryConnectAsync(ClientWebSocket socket)
    {
        socket.Options.AddSubProtocol(LinkFrame.SubprotocolWithTraces);
        socket.Options.AddSubProtocol(LinkFrame.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = _options.SilenceMax;
        socket.Options.KeepAliveTimeout = _options.SilenceMax;
        if (_isLoopback) socket.Options.Proxy = null;
        using var late = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        try
        {
            using var handler = _tls?.CreateHandler(_options.ConnectTimeout);
            using var invoker = handler is null ? null : new HttpMessageInvoker(handler, disposeHandler: false);
            await socket.ConnectAsync(_address, invoker, either.Token);
            _takesTraces = socket.SubProtocol == LinkFrame.SubprotocolWithTraces;
            return true;
        }
        catch (WebSocketException failure)
        {
            // What a replica of a federation says of itself is no reason to give it up for ever: it may be started anew, with another file.
            var isOtherCluster = socket.HttpStatusCode == HttpStatusCode.MisdirectedRequest;
            Note(_tls is null ? DescribeSilo(socket.HttpStatusCode) : DescribeReplica(socket.HttpStatusCode, failure), isFinal: isOtherCluster && _tls is null);
            return false;
        }
        catch (OperationCanceledException)
        {
            Note($"{_name} did not answer within {_options.ConnectTimeout.TotalSeconds:0.#} s.{(_tls is null ? " Is it the silo's address?" : "")}", isFinal: false);
            return false;
        }
    }

    private string DescribeSilo(HttpStatusCode status) => status switch
    {
        HttpStatusCode.MisdirectedRequest => $"The silo at {_name} serves another cluster than {_cluster} now: it was started anew. Connect again.",
        HttpStatusCode.ServiceUnavailable => $"The silo at {_name} takes no more connections now. Try again later.",
        HttpStatusCode.Conflict => $"The silo at {_name} holds one replica of a federation, whose word alone is not enough. Ask all of them: --config and a client's folder.",
        0 => SiloHttp.NobodyAt(new(_name)),
        _ => $"{_name} answers {(int)status} to GET {LinkFrame.ClientPath}: it is not a silo of OrleansPbft. Give the silo's address.",
    };

    private string DescribeReplica(HttpStatusCode status, WebSocketException failure) => _tls!.Problem ?? status switch
    {
        HttpStatusCode.MisdirectedRequest => $"{_name} is of another cluster than {_cluster}: compare the cluster.json of both.",
        HttpStatusCode.ServiceUnavailable => $"{_name} takes no more connections now.",
        0 => $"{_name} can not be reached: {failure.GetBaseException().Message.TrimEnd('.')}.",
        _ => $"{_name} answers {(int)status} to GET {LinkFrame.ClientPath}: it is no silo of OrleansPbft.",
    };

    private void Note(string problem, bool isFinal)
    {
        lock (_gate)
        {
            if (_state == TransportState.Closed) return;
            _problem = problem;
            if (isFinal) _state = TransportState.Closed;
        }
    }

    /// <summary>Sends and receives until the connection is lost. Whether anything was received.</summary>
    private async Task<bool> ServeAsync(ClientWebSocket socket)
    {
        var pump = new FramePump(_options.OutgoingBytesMax, _options.MessageBytes, IsMoreLikely);
        lock (_gate)
        {
            if (_state == TransportState.Closed) return false;
            _state = TransportState.Connected;
            _problem = null;
            _isWanted = false;
            _pump = pump;
        }

        using var lost = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var sending = SendAllAsync(pump, socket, lost);
        TellAll(static receiver => receiver.OnConnected());
        var received = await ReceiveAllAsync(socket, lost.Token);
        lock (_gate)
        {
            _pump = null;
            if (_state == TransportState.Connected)
            {
                _state = TransportState.Disconnected;
                _problem = _tls is null
                    ? $"The connection to {_name} was lost. Is the silo still running? Start one: dotnet run --project silo"
                    : $"The connection to {_name} was lost.";
            }
        }

        pump.Close(WebSocketCloseStatus.NormalClosure, "");
        lost.CancelAfter(CloseTimeout);
        await sending;
        return received;
    }

    private async Task SendAllAsync(FramePump pump, ClientWebSocket socket, CancellationTokenSource lost)
    {
        try
        {
            await pump.RunAsync(socket, _options.SilenceMax, _time, onUnread: lost.Cancel, lost.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            await lost.CancelAsync(); // the reader need not find out by itself
        }
    }

    private async Task<bool> ReceiveAllAsync(ClientWebSocket socket, CancellationToken lost)
    {
        var received = false;
        using var reader = new MessageReader(LinkFrame.BytesOf(_limits.EnvelopeBytesMax) + (1 << 20));
        try
        {
            while (await reader.ReadAsync(socket, lost) == MessageReadResult.Message)
            {
                received = true;
                Dispatch(reader.Message);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The connection is lost; the caller makes another.
        }

        return received;
    }

    private void Dispatch(ReadOnlyMemory<byte> message)
    {
        var frames = new WireReader(message);
        while (frames.Remaining > 0)
        {
            if (LinkNotice.TryReadNotListed(ref frames, out var client))
            {
                foreach (var receiver in _receivers.GetValueOrDefault(client, [])) receiver.OnNotListed();
                continue;
            }

            var reason = LinkFrame.TryRead(ref frames, _replicas, _limits.EnvelopeBytesMax, out _, out var envelope);
            if (reason != RejectReason.None)
            {
                ClientMetrics.OnRejected(reason);
                return;
            }

            if (!ReplyHeader.TryRead(envelope, _limits, _cluster, out _, out var request)) continue;
            foreach (var receiver in _receivers.GetValueOrDefault(request.Client, [])) receiver.OnEnvelope(envelope);
        }
    }

    private static Uri AddressOf(string scheme, string authority, ClusterInfo cluster) => new($"{scheme}://{authority}{LinkFrame.ClientPath}?cluster={cluster.Id}");

    private void TellAll(Action<IEnvelopeReceiver> tell)
    {
        foreach (var receivers in _receivers.Values)
        {
            foreach (var receiver in receivers) tell(receiver);
        }
    }

    private void Detach(ClientId client, IEnvelopeReceiver receiver)
    {
        while (_receivers.TryGetValue(client, out var known))
        {
            var rest = Array.FindAll(known, other => !ReferenceEquals(other, receiver));
            if (rest.Length > 0
                ? _receivers.TryUpdate(client, rest, known)
                : _receivers.TryRemove(KeyValuePair.Create(client, known))) return;
        }
    }

    private sealed class Attachment(WebSocketClusterTransport transport, ClientId client, IEnvelopeReceiver receiver) : IDisposable
    {
        public void Dispose() => transport.Detach(client, receiver);
    }
}
