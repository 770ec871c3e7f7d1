using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Benchmarks;

/// <summary>What a run sent and signed.</summary>
internal sealed class Counts
{
    public SortedDictionary<MessageKind, (long Messages, long Bytes)> Sent { get; } = [];

    public long Signatures { get; set; }

    public long Verifications { get; set; }

    public long Allocated { get; set; }

    public long Messages => Sent.Values.Sum(s => s.Messages);

    public long Bytes => Sent.Values.Sum(s => s.Bytes);

    public void Add(byte[] envelope)
    {
        var kind = (MessageKind)envelope[1];
        var (messages, bytes) = Sent.GetValueOrDefault(kind);
        Sent[kind] = (messages + 1, bytes + envelope.Length);
    }
}

/// <summary>n replicas with real seals, in one thread, on a network that delivers everything in order: what a request costs, exactly.</summary>
internal sealed class SealedCluster : IDisposable
{
    private readonly Queue<(int To, byte[] Envelope)> _network = [];
    private readonly Outbox _outbox = new();
    private readonly List<Reply> _replies = [];
    private readonly Node[] _nodes;
    private readonly KeyPair _clientKey = KeyPair.Create();
    private readonly ClientSealer _client;
    private Instant _now = new(1_700_000_000_000_000);
    private Counts _counts = new();

    public SealedCluster(int replicas, int batchMax)
    {
        Options = new()
        {
            Cluster = new(replicas),
            BatchMax = batchMax,
            SessionWindow = 1024,
            Pipeline = 1,
            BatchBytesMax = 64 << 20,
            PendingMax = 100_000,
            BatchDelayMax = TimeSpan.Zero,
        };
        var keys = Enumerable.Range(0, replicas).Select(_ => KeyPair.Create()).ToArray();
        var membership = new Membership([.. keys.Select(k => k.PublicKey)]);
        _nodes = [.. keys.Select((key, i) => new Node(new(i), key, membership, Options))];
        _client = new(membership.Id, _clientKey, new(Options));
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
        _now = _now.Plus(TimeSpan.FromMilliseconds(10));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var request in requests)
        {
            var envelope = request.Envelope.ToArray();
            _counts.Add(envelope);
            _network.Enqueue((0, envelope));
        }

        Drain();
        _counts.Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return _counts;
    }

    public long LastExecuted => _nodes.Min(n => n.Replica.LastExecuted.Value);

    public void Dispose()
    {
        foreach (var node in _nodes) node.Key.Dispose();
        _clientKey.Dispose();
    }

    private void Drain()
    {
        while (_network.TryDequeue(out var delivery))
        {
            var node = _nodes[delivery.To];
            // Each replica verifies for itself here, as replicas in processes of their own do.
            var known = node.Verifier.Signatures.Count;
            var reason = node.Opener.TryOpen(delivery.Envelope, out var input);
            if (reason != RejectReason.None) throw new InvalidOperationException($"r{delivery.To} rejected an envelope: {reason}");
            _counts.Verifications += node.Verifier.Signatures.Count - known;
            node.Replica.Step(_now, input, _outbox);
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
                case EffectKind.Broadcast: Broadcast(node, effect); break;
                case EffectKind.Order: Lead(node, LeaderInput.Of(effect.Request!)); break;
                case EffectKind.InformLeader: Lead(node, LeaderInput.Of(effect.LeaderUpdate)); break;
                case EffectKind.Reply: _replies.Add(effect.ReplyMessage); break;
            }
        }

        if (_replies.Count == 0) return;
        _counts.Signatures++;
        foreach (var envelope in node.Sealer.SealReplies(_replies.ToArray())) _counts.Add(envelope);
        _replies.Clear();
    }

    private void Lead(Node node, in LeaderInput input)
    {
        var outbox = new Outbox();
        node.Leader.Step(_now, input, outbox);
        Perform(node, outbox);
    }

    private void Broadcast(Node node, in Effect effect)
    {
        var isProposal = !effect.IsVote && effect.Message is PrePrepare;
        var envelope = node.Sealer.Seal(effect);
        _counts.Signatures++;
        for (var to = 0; to < _nodes.Length; to++)
        {
            if (to != node.Id.Index) _counts.Add(envelope);
            else if (!isProposal) continue;
            _network.Enqueue((to, envelope));
        }
    }

    private sealed class Node
    {
        public Node(ReplicaId id, KeyPair key, Membership membership, ProtocolOptions options)
        {
            Id = id;
            Key = key;
            Verifier = new(new(capacity: 1 << 20));
            Opener = new(membership, options, Verifier);
            Sealer = new(membership.Id, id, key);
            Replica = new(id, options, new(options, membership.Id, new EchoService()));
            Leader = new(id, options);
            Replica.Start(new(0), Start);
        }

        public ReplicaId Id { get; }

        public KeyPair Key { get; }

        public SignatureVerifier Verifier { get; }

        public EnvelopeOpener Opener { get; }

        public ReplicaSealer Sealer { get; }

        public Replica Replica { get; }

        public Leader Leader { get; }

        public Outbox Start { get; } = new();
    }
}
