using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>Where the peers' links come in: whoever is not the replica it says it is, or of another cluster or version, is refused with a reason.</summary>
/// <remarks>One link of each peer at a time, the newest. A peer whose link was closed for what it sent is refused for a while that doubles.</remarks>
internal sealed class ReplicaPort
{
    private const string Direction = "from-peer";

    // A peer that is refused for what it sent is told so after a while: to ask again costs both a handshake.
    private static readonly TimeSpan PenaltyAnswer = TimeSpan.FromSeconds(1);

    // So many links of one peer are opened in a second, and as many at once; the next waits.
    private const int LinksPerSecond = 4;
    private static readonly TimeSpan PaceWaitMax = TimeSpan.FromSeconds(2);

    private readonly LinkIdentity _self;
    private readonly IPeerInbox _inbox;
    private readonly ReplicaLinkOptions _options;
    private readonly ReplicaLinkMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RefusalLog _refusals;
    private readonly Action<ReplicaId> _onOpened;
    private readonly Lock _gate = new();
    private readonly Peer[] _peers; // gate
    private readonly KeyedRateLimit<ReplicaId> _pace;
    private volatile bool _stops;

    /// <summary>Makes a port.</summary>
    /// <param name="self">Who this silo is.</param>
    /// <param name="inbox">Where envelopes go.</param>
    /// <param name="options">What it puts up with.</param>
    /// <param name="metrics">The instruments.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="onOpened">Told that a peer has proven that it is there.</param>
    public ReplicaPort(
        LinkIdentity self, IPeerInbox inbox, ReplicaLinkOptions options, ReplicaLinkMetrics metrics, TimeProvider time, ILogger log, Action<ReplicaId> onOpened)
    {
        _self = self;
        _inbox = inbox;
        _options = options;
        _metrics = metrics;
        _time = time;
        _log = log;
        _onOpened = onOpened;
        _refusals = new(time);
        _pace = new(LinksPerSecond, ClusterSize.ReplicasMax, time);
        _peers = [.. Enumerable.Range(0, self.Membership.Cluster.Replicas).Select(_ => new Peer { Penalty = options.Penalty })];
    }

    /// <summary>Whether a peer's link is open.</summary>
    public bool IsOpen(ReplicaId peer)
    {
        lock (_gate) return _peers[peer.Index].Link is not null;
    }

    /// <summary>Why a peer's link is refused; null when it is not.</summary>
    public string? RefusalOf(ReplicaId peer)
    {
        lock (_gate) return _peers[peer.Index].Refusal;
    }

    /// <summary>An envelope that a peer handed on was rejected for what no correct peer sends.</summary>
    public void OnRejected(ReplicaId peer)
    {
        lock (_gate) _peers[peer.Index].Link?.OnRejected();
    }

    /// <summary>Takes no more links, and says good-bye on all that are open.</summary>
    public void Stop()
    {
        _stops = true;
        lock (_gate)
        {
            foreach (var peer in _peers) peer.Link?.BeginClose(LinkEnd.Shutdown);
        }
    }

    /// <summary>Serves one link from its handshake to its end.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var peer = PeerOf(context.Request.Query["from"].ToString());
        if (FindObstacle(context, peer) is var (reason, detail))
        {
            if (reason == LinkRefusal.Penalty) await WaitAsync(PenaltyAnswer, context);
            await RefuseAsync(context, peer, reason, detail);
            return;
        }

        var wait = _pace.WaitOf(peer!.Value);
        _pace.Charge(peer.Value);
        if (wait > TimeSpan.Zero) await WaitAsync(wait < PaceWaitMax ? wait : PaceWaitMax, context);
        if (context.RequestAborted.IsCancellationRequested) return;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = ReplicaProtocol.Subprotocol,
            KeepAliveInterval = _options.SilenceMax / 2,
            KeepAliveTimeout = _options.SilenceMax,
        });
        await ServeAsync(peer.Value, socket);
    }

    private async Task WaitAsync(TimeSpan wait, HttpContext context) =>
        await Task.Delay(wait, _time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ServeAsync(ReplicaId peer, WebSocket socket)
    {
        using var link = new IncomingLink(peer, socket, _self, _inbox, _options, _metrics, _time);
        Open(peer, link);
        var end = LinkEnd.Lost;
        try
        {
            end = await link.RunAsync();
        }
        finally
        {
            Close(peer, link, end);
        }
    }

    private void Open(ReplicaId peer, IncomingLink link)
    {
        IncomingLink? before;
        lock (_gate)
        {
            before = _peers[peer.Index].Link;
            _peers[peer.Index].Link = link;
            _peers[peer.Index].Refusal = null;
        }

        before?.BeginClose(LinkEnd.Replaced);
        _refusals.Forget(peer);
        _metrics.OnOpened(Direction);
        _log.PeerLinkOpened(peer.Index);
        if (_stops) link.BeginClose(LinkEnd.Shutdown); // it may have come too late to be told by Stop
        _onOpened(peer);
    }

    private void Close(ReplicaId peer, IncomingLink link, LinkEnd end)
    {
        lock (_gate)
        {
            var state = _peers[peer.Index];
            if (state.Link == link) state.Link = null;
            if (end.IsMisconduct())
            {
                state.RefusedSince = _time.GetTimestamp();
                state.RefusedFor = state.Penalty;
                state.Penalty = state.Penalty * 2 < _options.PenaltyMax ? state.Penalty * 2 : _options.PenaltyMax;
            }
        }

        _metrics.OnEnded(Direction);
        _metrics.OnClosed(end);
        if (end.IsMisconduct()) _log.PeerMisconduct(peer.Index, end);
        else _log.PeerLinkClosed(peer.Index, end);
    }

    /// <summary>The replica that a peer says it is; null when that can not be one of the others.</summary>
    private ReplicaId? PeerOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _peers.Length && index != _self.Replica.Index ? new(index) : null;

    private (LinkRefusal Reason, string Detail)? FindObstacle(HttpContext context, ReplicaId? peer)
    {
        if (!context.WebSockets.IsWebSocketRequest) return (LinkRefusal.NotWebSocket, "It speaks no WebSocket: it is no silo.");
        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(ReplicaProtocol.Subprotocol))
        {
            return (LinkRefusal.Version, $"It speaks no version that this silo does ({ReplicaProtocol.Subprotocol}): bring the older of the two up to date.");
        }

        if (context.Request.Query["cluster"].ToString() != _self.Membership.Id.ToString())
        {
            return (LinkRefusal.Cluster, $"It is of another cluster than {_self.Membership.Id}: its keys, service or options differ. Compare the cluster.json of both.");
        }

        if (peer is null || context.Request.Query["to"].ToString() != _self.Replica.Index.ToString(CultureInfo.InvariantCulture))
        {
            return (LinkRefusal.Replica, $"It means another replica than {_self.Replica.Index}. Are the addresses in its cluster.json right?");
        }

        _self.Membership.TryGetKey(peer.Value, out var pin);
        var certificate = context.Connection.ClientCertificate;
        var problem = ReplicaCertificate.FindProblem(certificate, pin, _time.GetUtcNow());
        if (problem != CertificateProblem.None)
        {
            return (LinkRefusals.Of(problem), ReplicaCertificate.Describe(problem, certificate, $"replica {peer.Value.Index}", pin));
        }

        if (_stops) return (LinkRefusal.Stopping, "This silo stops.");
        lock (_gate)
        {
            var state = _peers[peer.Value.Index];
            if (state.RefusedFor == TimeSpan.Zero || _time.GetElapsedTime(state.RefusedSince) >= state.RefusedFor) return null;
            return (LinkRefusal.Penalty, $"Its last link was closed for what it had sent; none is taken for {state.RefusedFor.TotalSeconds:0.#} s.");
        }
    }

    private Task RefuseAsync(HttpContext context, ReplicaId? peer, LinkRefusal reason, string detail)
    {
        _metrics.OnRefused(reason);
        if (peer is { } known && reason is not (LinkRefusal.NotWebSocket or LinkRefusal.Stopping))
        {
            lock (_gate) _peers[known.Index].Refusal = $"The link from replica {known.Index} is refused: {detail}";
        }

        if (reason != LinkRefusal.Stopping && _refusals.MaySay(peer, reason, out var unsaid))
        {
            var who = peer is { } claimed ? $"replica {claimed.Index}" : "a stranger";
            _log.PeerRefused(who, context.Connection.RemoteIpAddress, reason, detail, unsaid);
        }

        context.Response.Headers[ReplicaProtocol.RefusedHeader] = reason.ToString();
        return TypedResults.Problem(detail, statusCode: reason.Status()).ExecuteAsync(context);
    }

    /// <summary>What is known of one peer.</summary>
    private sealed class Peer
    {
        public IncomingLink? Link { get; set; }

        public string? Refusal { get; set; }

        public TimeSpan Penalty { get; set; }

        public long RefusedSince { get; set; }

        public TimeSpan RefusedFor { get; set; }
    }
}
