using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>The link to one peer: dialled by this silo, for what goes to that peer and nothing else, and dialled again for ever. Thread-safe.</summary>
internal sealed class ReplicaLink
{
    private const string Direction = "to-peer";

    private readonly LinkIdentity _self;
    private readonly ReplicaId _peer;
    private readonly ReplicaLinkOptions _options;
    private readonly ReplicaLinkMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _peerName;
    private readonly Uri _address;
    private readonly PinnedTls _tls;
    private readonly FramePump _pump;
    private readonly Lock _gate = new();
    private TaskCompletionSource _isWanted = new(TaskCreationOptions.RunContinuationsAsynchronously); // gate
    private volatile bool _isOpen;
    private volatile string? _problem;
    private long _dropped;

    public ReplicaLink(LinkIdentity self, ReplicaId peer, ReplicaLinkOptions options, ReplicaLinkMetrics metrics, TimeProvider time, ILogger log)
    {
        _self = self;
        _peer = peer;
        _options = options;
        _metrics = metrics;
        _time = time;
        _log = log;
        var address = self.Addresses[peer.Index];
        _peerName = $"replica {peer.Index} at {address}";
        _address = ReplicaProtocol.AddressOf(address, self, peer);
        self.Membership.TryGetKey(peer, out var pin);
        _tls = new(pin, _peerName, time, self.Certificate);
        _pump = new(options.QueueBytesMax, options.PackedBytes);
    }

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>What waits for the peer.</summary>
    public (int Peer, int Bytes) Queue => (_peer.Index, _pump.Bytes);

    /// <summary>How the link is, for people.</summary>
    public LinkStatus GetStatus(bool isReceiving, string? refusal) => new(
        _peer.Index, _self.Addresses[_peer.Index].ToString(), _isOpen, isReceiving, _pump.Bytes, Interlocked.Read(ref _dropped), _problem, refusal);

    /// <summary>Puts an envelope in line; without room the oldest go.</summary>
    public void Send(ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        var dropped = _pump.AddDroppingOldest(_peer, envelope, traceParent is null ? null : LinkNotice.OfTrace(traceParent));
        if (!_isOpen) dropped += _pump.DropOldest(_options.OfflineQueueBytesMax);
        _metrics.OnSent();
        if (dropped == 0) return;
        Interlocked.Add(ref _dropped, dropped);
        _metrics.OnDropped(_peer.Index, dropped);
    }

    /// <summary>The peer is there: a dial that waits for its time is made now.</summary>
    public void DialNow()
    {
        lock (_gate) _isWanted.TrySetResult();
    }

    /// <summary>Says good-bye once what waits is sent; <see cref="RunAsync"/> ends when it is answered, or told to.</summary>
    public void BeginClose() => _pump.Close(WebSocketCloseStatus.EndpointUnavailable, nameof(LinkEnd.Shutdown));

    /// <summary>Keeps the link up until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var wait = _options.ReconnectAfter;
        while (!stop.IsCancellationRequested)
        {
            using (var socket = new ClientWebSocket())
            using (var handler = _tls.CreateHandler(_options.ConnectTimeout))
            using (var invoker = new HttpMessageInvoker(handler, disposeHandler: false))
            {
                var began = _time.GetTimestamp();
                var isOpen = await TryDialAsync(socket, invoker, stop);
                if (isOpen || !stop.IsCancellationRequested) _metrics.OnDialled(_peer.Index, isOpen);
                if (isOpen)
                {
                    await ServeAsync(socket, stop);

                    // One that is closed as soon as it is open is no success, and must not be made again and again at once.
                    if (_time.GetElapsedTime(began) > _options.ReconnectAfterMax) wait = _options.ReconnectAfter;
                }
            }

            // Between half and one and a half of the wait, so that peers that lost each other do not come all at once.
            var isWanted = await WaitAsync(wait * (0.5 + Random.Shared.NextDouble()), stop);
            var next = isWanted ? _options.ReconnectAfter : wait * 2;
            wait = next < _options.ReconnectAfterMax ? next : _options.ReconnectAfterMax;
        }
    }

    /// <summary>Waits for its time, or until the peer is known to be there; whether it is.</summary>
    private async Task<bool> WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        Task wanted;
        lock (_gate) wanted = _isWanted.Task;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(wait, _time, over.Token), wanted); // a cancelled delay ends it too
        await over.CancelAsync();
        lock (_gate)
        {
            if (!_isWanted.Task.IsCompleted) return false;
            _isWanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    private async Task<bool> TryDialAsync(ClientWebSocket socket, HttpMessageInvoker invoker, CancellationToken stop)
    {
        socket.Options.AddSubProtocol(ReplicaProtocol.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = _options.SilenceMax / 2;
        socket.Options.KeepAliveTimeout = _options.SilenceMax;
        using var late = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            await socket.ConnectAsync(_address, invoker, either.Token);
            return true;
        }
        catch (WebSocketException failure)
        {
            Note(_tls.Problem ?? DescribeRefusal(socket) ?? $"{_peerName} can not be reached: {failure.GetBaseException().Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Note($"{_peerName} did not answer within {_options.ConnectTimeout.TotalSeconds:0.#} s.");
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }

        return false;
    }

    private string? DescribeRefusal(ClientWebSocket socket)
    {
        if (socket.HttpStatusCode == 0) return null; // nobody answered
        var reason = socket.HttpResponseHeaders?.TryGetValue(ReplicaProtocol.RefusedHeader, out var values) == true ? values.FirstOrDefault() : null;
        return LinkRefusals.Describe(reason, _peerName, $"replica {_self.Replica.Index}")
            ?? $"{_peerName} answers {(int)socket.HttpStatusCode} to GET {ReplicaProtocol.Path}: it is no silo of OrleansPbft, or one of another version.";
    }

    /// <summary>Remembers why there is no link; the log has it once, until it is another reason or there is a link again.</summary>
    private void Note(string problem)
    {
        if (_problem == problem) return;
        _problem = problem;
        _log.NoLink(problem);
    }

    private async Task ServeAsync(ClientWebSocket socket, CancellationToken stop)
    {
        _isOpen = true;
        _problem = null;
        _metrics.OnOpened(Direction);
        _log.LinkOpened(_peerName);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sending = SendAllAsync(socket, lost);
        var end = await ReceiveToTheEndAsync(socket, lost.Token);
        _isOpen = false;
        await lost.CancelAsync();
        await sending;
        _metrics.OnEnded(Direction);
        if (!stop.IsCancellationRequested) Note(end);
    }

    private async Task SendAllAsync(ClientWebSocket socket, CancellationTokenSource lost)
    {
        try
        {
            await _pump.RunAsync(socket, _options.SilenceMax, _time, onUnread: lost.Cancel, lost.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            await lost.CancelAsync(); // the reader need not find out by itself
        }
    }

    /// <summary>A peer says nothing on this link but good-bye. Why it ended, as a sentence.</summary>
    private async Task<string> ReceiveToTheEndAsync(ClientWebSocket socket, CancellationToken lost)
    {
        var buffer = new byte[256];
        try
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), lost);
            if (received.MessageType != WebSocketMessageType.Close) return $"{_peerName} answered on a link that has one direction: it is no correct silo.";
            return Enum.TryParse<LinkEnd>(socket.CloseStatusDescription, out var end) && end.IsMisconduct()
                ? $"{_peerName} closed the link for what this silo sent ({end})."
                : $"{_peerName} closed the link{(end is LinkEnd.Shutdown ? ": it stops" : "")}.";
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return $"The link to {_peerName} was lost.";
        }
    }
}
