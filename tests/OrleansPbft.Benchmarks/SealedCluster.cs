using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.Benchmarks;

/// <summary>What a run cost.</summary>
internal sealed class Counts
{
    public KindCost Sent { get; set; }

    public long Envelopes { get; set; }

    public long Verifications { get; set; }

    public long Allocated { get; set; }
}

/// <summary>n replicas with real seals, in one thread, on a network that delivers everything in order: what a request costs, exactly.</summary>
internal sealed class SealedCluster : IDisposable
{
    private readonly Queue<(int To, ReadOnlyMemory<byte> Envelope)> _network = [];
    private readonly List<Input> _inputs = [];
    private readonly EnvelopeTally _tally;
    private readonly SessionKeys? _clientSessions;
    private readonly EnvelopeOpener _clientOpener;
    private readonly Outbox _outbox = new();
    private readonly List<Reply> _replies = [];
    private readonly Node[] _nodes;
    private readonly KeyPair _clientKey = KeyPair.Create();
    private readonly ClientSealer _client;
    private Instant _now = new(1_700_000_000_000_000);
    private Counts _counts = new();

    public SealedCluster(int replicas, int batchMax, AuthenticationMode authentication = AuthenticationMode.Signatures)
    {
        Options = new()
        {
            Cluster = new(replicas),
            Authentication = authentication,
            BatchMax = batchMax,
            SessionWindow = 1024,
            Pipeline = 1,
            BatchBytesMax = 64 << 20,
            PendingMax = 100_000,
            BatchDelayMax = TimeSpan.Zero,
        };
        _tally = new(new(Options), signaturesExpected: 1 << 18); // so that counting allocates nothing
        var keys = Enumerable.Range(0, replicas).Select(_ => KeyPair.Create()).ToArray();
        var membership = new Membership([.. keys.Select(k => k.PublicKey)]);
        _nodes = [.. keys.Select((key, i) => new Node(this, new(i), key, membership))];
        if (authentication == AuthenticationMode.Macs)
        {
            _clientSessions = SessionKeys.OfClient(membership.Id, replicas, _clientKey);
            _clientSessions.Attach(new ClientSink(this));
        }

        _clientOpener = new(membership, Options, new(new()), sessions: _clientSessions);
        _client = new(membership.Id, _clientKey, new(Options), sessions: _clientSessions);
        foreach (var node in _nodes) node.Sessions?.Announce();
        _clientSessions?.Announce();
        Drain();
        Run(_client.SealOpenSession(1));
        foreach (var node in _nodes) Perform(node, node.Start);
        Drain();
    }

    public ProtocolOptions Options { get; }

    public Request Sign(long number, ReadOnlyMemory<byte> operation) => _client.SealRequest(new(1), number, [operation]);

    /// <summary>Hands requests to the primary, all at once, and runs until nothing is under way.</summary>
    public Counts Run(params Request[] requests)
    {
        _counts = new();
        _tally.Clear();
        _now = _now.Plus(TimeSpan.FromMilliseconds(10));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var request in requests)
        {
            var envelope = request.Envelope.ToArray();
            _tally.Add(envelope);
            _network.Enqueue((0, envelope));
        }

        Drain();
        _counts.Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        (_counts.Sent, _counts.Envelopes) = (_tally.Total, _tally.Envelopes);
        return _counts;
    }

    public long LastExecuted => _nodes.Min(n => n.Replica.LastExecuted.Value);

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
        _clientSessions?.Dispose();
        _clientKey.Dispose();
    }

    private void Drain()
    {
        while (_network.TryDequeue(out var delivery))
        {
            _inputs.Clear();
            if (delivery.To == _nodes.Length)
            {
                _clientOpener.TryOpen(delivery.Envelope, _inputs); // replies are not waited for, keys are
                continue;
            }

            var node = _nodes[delivery.To];
            // Each replica verifies for itself here, as replicas in processes of their own do.
            var known = node.Verifier.Signatures.Count;
            var reason = node.Opener.TryOpen(delivery.Envelope, _inputs);
            if (reason != RejectReason.None) throw new InvalidOperationException($"r{delivery.To} rejected an envelope: {reason}");
            _counts.Verifications += node.Verifier.Signatures.Count - known;
            foreach (var input in _inputs) node.Replica.Step(_now, input, _outbox);
            Perform(node, _outbox);
        }
    }

    private void Perform(Node node, Outbox outbox)
    {
        var effects = outbox.Effects.ToArray();
        outbox.Clear();
        foreach (var effect in effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Broadcast: node.Outgoing.Send(DestinationsOf(node, effect), effect); break;
                case EffectKind.Order: Lead(node, LeaderInput.Of(effect.Request!)); break;
                case EffectKind.InformLeader: Lead(node, LeaderInput.Of(effect.LeaderUpdate)); break;
                case EffectKind.Reply: _replies.Add(effect.ReplyMessage); break;
            }
        }

        node.Outgoing.Flush();
        if (_replies.Count == 0) return;
        node.Outgoing.Answer(_replies.ToArray(), []);
        _replies.Clear();
    }

    private void Lead(Node node, in LeaderInput input)
    {
        var outbox = new Outbox();
        node.Leader.Step(_now, input, outbox);
        Perform(node, outbox);
    }

    private static ReplicaSet DestinationsOf(Node node, in Effect effect)
    {
        var isProposal = !effect.IsVote && effect.Message is PrePrepare;
        return isProposal ? node.Options.Cluster.All : node.Options.Cluster.All.Without(node.Id);
    }

    private sealed class ClientSink(SealedCluster cluster) : IEnvelopeSink
    {
        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => cluster._network.Enqueue((to.Index, envelope));

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => throw new InvalidOperationException("A client says nothing to clients.");
    }

    private sealed class Node : IEnvelopeSink, IDisposable
    {
        private readonly SealedCluster _cluster;
        private readonly KeyPair _key;

        public Node(SealedCluster cluster, ReplicaId id, KeyPair key, Membership membership)
        {
            _cluster = cluster;
            _key = key;
            Id = id;
            Options = cluster.Options;
            Verifier = new(new(capacity: 1 << 20));
            if (Options.Authentication == AuthenticationMode.Macs)
            {
                Sessions = SessionKeys.OfReplica(membership.Id, Options.Cluster.Replicas, id, key);
                Sessions.Attach(this);
            }

            Opener = new(membership, Options, Verifier, sessions: Sessions);
            Outgoing = new(new ReplicaSealer(membership.Id, id, key), Options.Cluster, Sessions, this);
            Replica = new(id, Options, new(Options, membership.Id, new EchoService()));
            Leader = new(id, Options);
            Replica.Start(new(0), Start);
        }

        public ReplicaId Id { get; }

        public ProtocolOptions Options { get; }

        public SignatureVerifier Verifier { get; }

        public SessionKeys? Sessions { get; }

        public EnvelopeOpener Opener { get; }

        public OutgoingEnvelopes Outgoing { get; }

        public Replica Replica { get; }

        public Leader Leader { get; }

        public Outbox Start { get; } = new();

        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
        {
            if (to != Id) _cluster._tally.Add(envelope);
            _cluster._network.Enqueue((to.Index, envelope));
        }

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope)
        {
            _cluster._tally.Add(envelope);
            if (envelope.Span[1] == (byte)MessageKind.SessionKey) _cluster._network.Enqueue((Options.Cluster.Replicas, envelope));
        }

        public void Dispose()
        {
            Sessions?.Dispose();
            _key.Dispose();
        }
    }
}
