using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>Reaches every replica of a federation at its own silo, each over a connection of its own, and believes none of them alone.</summary>
/// <remarks>It counts as connected while f + 1 replicas are: fewer can not answer. That a client is not listed is believed when f + 1 say so.</remarks>
internal sealed class FederationTransport : IClusterTransport, IAsyncDisposable
{
    private static readonly TimeSpan CertificateTime = TimeSpan.FromDays(3650);

    private readonly ImmutableArray<WebSocketClusterTransport> _replicas;
    private readonly X509Certificate2 _certificate;
    private readonly int _needed;
    private volatile bool _isClosed;

    public FederationTransport(ClusterFile file, ClusterInfo cluster, KeyPair keys, WebSocketTransportOptions options, TimeProvider time)
    {
        var now = time.GetUtcNow();
        _certificate = ClientCertificate.Create(keys, now - CertificateTime, now + CertificateTime);
        _needed = cluster.Cluster.WeakQuorum;
        _replicas = [.. file.Addresses.Select((address, i) => new WebSocketClusterTransport(new(i), address, cluster, _certificate, options, time))];
    }

    /// <inheritdoc/>
    public TransportState State =>
        _isClosed ? TransportState.Closed : Connected >= _needed ? TransportState.Connected : TransportState.Disconnected;

    /// <inheritdoc/>
    public string? Problem
    {
        get
        {
            if (_isClosed) return "The connection was closed by this side.";
            if (Connected >= _needed) return null;
            var problems = _replicas.Select(static replica => replica.Problem).OfType<string>().ToArray();
            return problems.Length == 0
                ? null
                : $"{Connected} of {_replicas.Length} replicas can be reached, and {_needed} are needed. {string.Join(' ', problems)}";
        }
    }

    private int Connected => _replicas.Count(static replica => replica.State == TransportState.Connected);

    /// <inheritdoc/>
    public bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        var any = false;
        for (var i = 0; i < _replicas.Length; i++)
        {
            var replica = new ReplicaId(i);
            if (to.Contains(replica)) any |= _replicas[i].Send(ReplicaSet.Empty.With(replica), envelope, traceParent);
            else _replicas[i].Connect(); // it will have a reply to send, when it has the request from the primary
        }

        return any;
    }

    /// <inheritdoc/>
    public IDisposable Attach(ClientId client, IEnvelopeReceiver receiver)
    {
        var one = new Attachment(receiver, _needed);
        for (var i = 0; i < _replicas.Length; i++) one.Add(_replicas[i].Attach(client, one.ReceiverOf(new(i))));
        return one;
    }

    /// <summary>Says good-bye to all replicas, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed) return;
        _isClosed = true;
        await Task.WhenAll(_replicas.Select(static replica => replica.DisposeAsync().AsTask()));
        _certificate.Dispose();
    }

    /// <summary>One receiver, attached to every replica's connection.</summary>
    private sealed class Attachment(IEnvelopeReceiver receiver, int needed) : IDisposable
    {
        private readonly List<IDisposable> _parts = [];
        private readonly Lock _gate = new();
        private ReplicaSet _notListed = ReplicaSet.Empty; // gate
        private bool _isClosed; // gate

        public void Add(IDisposable part) => _parts.Add(part);

        public IEnvelopeReceiver ReceiverOf(ReplicaId replica) => new Part(this, receiver, replica);

        public void Dispose()
        {
            foreach (var part in _parts) part.Dispose();
        }

        private void OnNotListed(ReplicaId replica)
        {
            lock (_gate)
            {
                _notListed = _notListed.With(replica);
                if (_notListed.Count < needed) return;
                _notListed = ReplicaSet.Empty; // the list may change: later they must say so again
            }

            receiver.OnNotListed();
        }

        private void OnClosed()
        {
            lock (_gate)
            {
                if (_isClosed) return;
                _isClosed = true;
            }

            receiver.OnClosed(); // one is closed when all are
        }

        private sealed class Part(Attachment all, IEnvelopeReceiver receiver, ReplicaId replica) : IEnvelopeReceiver
        {
            public bool IsWaiting => receiver.IsWaiting;

            public void OnEnvelope(ReadOnlyMemory<byte> envelope) => receiver.OnEnvelope(envelope);

            public void OnConnected() => receiver.OnConnected();

            public void OnNotListed() => all.OnNotListed(replica);

            public void OnClosed() => all.OnClosed();
        }
    }
}
