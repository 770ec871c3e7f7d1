using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>All links of one replica with its peers: one stream to each, and one from each, over mutually authenticated TLS (DESIGN 9).</summary>
public sealed class ReplicaLinks : IHostedService, IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<ReplicaLink?> _links; // by the peers' ids; null for this replica
    private readonly ReplicaPort _port;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _started;
    private readonly CancellationTokenRegistration _stopping;
    private volatile Task _running = Task.CompletedTask;

    /// <summary>Makes the links; they are dialled once the host has started.</summary>
    /// <param name="self">Who this silo is, and who the peers are.</param>
    /// <param name="inbox">Where the peers' envelopes go.</param>
    /// <param name="options">How links behave.</param>
    /// <param name="meters">Makes the meter <c>OrleansPbft</c>.</param>
    /// <param name="lifetime">When the host stops, all peers are told.</param>
    /// <param name="time">The clock, which certificates' dates are compared with too.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="OptionsValidationException">The options can not hold the cluster's envelopes.</exception>
    public ReplicaLinks(
        LinkIdentity self,
        IPeerInbox inbox,
        IOptions<ReplicaLinkOptions> options,
        IMeterFactory meters,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<ReplicaLinks> log)
    {
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(lifetime);
        if (options.Value.Problems(self.Limits) is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(nameof(ReplicaLinkOptions), typeof(ReplicaLinkOptions), problems);
        }

        var metrics = new ReplicaLinkMetrics(meters);
        _links = [.. Enumerable.Range(0, self.Membership.Cluster.Replicas).Select(
            i => i == self.Replica.Index ? null : new ReplicaLink(self, new(i), options.Value, metrics, time, log))];
        metrics.Observe(() => _links.OfType<ReplicaLink>().Select(static link => link.Queue));
        _port = new(self, inbox, options.Value, metrics, time, log, onOpened: peer => _links[peer.Index]!.DialNow());

        // Not earlier: peers answer a link with theirs, and the server must listen by then.
        _started = lifetime.ApplicationStarted.Register(Dial);
        _stopping = lifetime.ApplicationStopping.Register(Stop);
    }

    /// <summary>How many peers this replica can send to now.</summary>
    public int Open => _links.Count(static link => link is { IsOpen: true });

    /// <summary>Sends an envelope to a peer. Never waits and never throws: without room, the oldest that wait are lost.</summary>
    /// <param name="to">Not this replica.</param>
    /// <param name="envelope">Must not change any more.</param>
    /// <param name="traceParent">The W3C trace context it belongs to; null for none.</param>
    /// <exception cref="ArgumentException"><paramref name="to"/> is this replica.</exception>
    public void Send(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent = null)
    {
        var link = _links[to.Index] ?? throw new ArgumentException($"{to} is this silo's own replica.", nameof(to));
        link.Send(envelope, traceParent);
    }

    /// <summary>An envelope that a peer handed on was rejected; too many of what no correct peer sends end its link.</summary>
    public void OnRejected(ReplicaId peer, RejectReason reason)
    {
        // A correct peer whose list of clients is newer or older passes on what this replica refuses; and after a restart of either, session
        // keys are unknown, or old, until both have said theirs.
        var isOfCorrectPeers = reason is RejectReason.ClientNotAllowed or RejectReason.BadRequestInBatch
            or RejectReason.UnknownSessionKey or RejectReason.OldSessionKey or RejectReason.TooManySessionKeys;
        if (!isOfCorrectPeers) _port.OnRejected(peer);
    }

    /// <summary>How the links are, peer by peer.</summary>
    public LinkStatus[] GetStatus() =>
        [.. _links.Select((link, i) => link?.GetStatus(_port.IsOpen(new(i)), _port.RefusalOf(new(i)))).OfType<LinkStatus>()];

    /// <summary>Serves one link of a peer from its handshake to its end.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return _port.HandleAsync(context);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        await _running.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _started.Dispose();
        _stopping.Dispose();
        _stop.Dispose();
    }

    private void Dial() => _running = Task.WhenAll(
        _links.OfType<ReplicaLink>().Select(link => Task.Run(() => link.RunAsync(_stop.Token), CancellationToken.None)));

    private void Stop()
    {
        _port.Stop();
        foreach (var link in _links) link?.BeginClose();
        _stop.CancelAfter(StopTimeout); // for peers that do not answer the good-bye, and for those that are only tried
    }
}
