using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>Four replicas in mode Macs that answer every request at once, and a network between them and their clients.</summary>
internal sealed class MacReplicas : IClusterTransport, IDisposable
{
    private readonly KeyPair[] _keys = [.. Enumerable.Range(1, 4).Select(SealedReplicas.KeyOf)];
    private readonly List<IEnvelopeReceiver> _receivers = [];
    private readonly Lock _gate = new();
    private readonly Replica[] _replicas;
    private readonly Dictionary<long, long> _opened = []; // gate; sessions, by the number of the request that opened each

    public MacReplicas()
    {
        var options = new ProtocolOptions { Cluster = new(4), Authentication = AuthenticationMode.Macs };
        Cluster = new(new Membership([.. _keys.Select(static key => key.PublicKey)], ClusterParameters.DigestOf("s", options)), options, "s");
        _replicas = [.. Enumerable.Range(0, 4).Select(i => new Replica(this, new(i)))];
    }

    public ClusterInfo Cluster { get; }

    /// <summary>The clock of all replicas.</summary>
    public ManualTime Time { get; } = new();

    public TransportState State => TransportState.Connected;

    public string? Problem => null;

    /// <summary>How many are told of what comes.</summary>
    public int Receivers => _receivers.Count;

    /// <summary>The seals of all that clients were sent, but for keys.</summary>
    public List<SealType> Answers { get; } = [];

    /// <summary>Why replicas dropped what they did.</summary>
    public List<RejectReason> Rejected { get; } = [];

    public bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        var isOrdered = envelope.Span[1] == (byte)MessageKind.Request; // then all get it from the primary
        lock (_gate)
        {
            foreach (var replica in isOrdered ? Cluster.Cluster.All : to) _replicas[replica.Index].Receive(envelope);
        }

        return true;
    }

    public IDisposable Attach(ClientId client, IEnvelopeReceiver receiver)
    {
        _receivers.Add(receiver);
        return new Attachment(() => _receivers.Remove(receiver));
    }

    /// <summary>A replica comes back with new keys, and says nothing of them.</summary>
    public void Restart(int replica)
    {
        lock (_gate)
        {
            _replicas[replica].Dispose();
            _replicas[replica] = new(this, new(replica));
        }
    }

    public void Dispose()
    {
        foreach (var replica in _replicas) replica.Dispose();
        foreach (var key in _keys) key.Dispose();
    }

    // Each its own, as in a cluster: numbered as they are first asked for.
    private SessionId SessionOf(Request opening)
    {
        _opened.TryAdd(opening.Id.Number, _opened.Count + 1);
        return new(_opened[opening.Id.Number]);
    }

    private void Deliver(ReadOnlyMemory<byte> envelope)
    {
        Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope, new(Cluster.Options), out var frame));
        if (frame.Kind != MessageKind.SessionKey) Answers.Add(frame.SealType);
        foreach (var receiver in _receivers.ToArray()) receiver.OnEnvelope(envelope);
    }

    private sealed class Replica : IEnvelopeSink, IDisposable
    {
        private readonly MacReplicas _all;
        private readonly ReplicaId _id;
        private readonly SessionKeys _sessions;
        private readonly EnvelopeOpener _opener;
        private readonly OutgoingEnvelopes _outgoing;
        private long _executed;

        public Replica(MacReplicas all, ReplicaId id)
        {
            _all = all;
            _id = id;
            _sessions = SessionKeys.OfReplica(all.Cluster.Id, 4, id, all._keys[id.Index], time: all.Time);
            _sessions.Attach(this);
            _opener = new(all.Cluster.Membership, all.Cluster.Options, new(new()), sessions: _sessions);
            _outgoing = new(new ReplicaSealer(all.Cluster.Id, id, all._keys[id.Index]), new(4), _sessions, this);
        }

        public void Receive(ReadOnlyMemory<byte> envelope)
        {
            var inputs = new List<Input>();
            var reason = _opener.TryOpen(envelope, inputs);
            if (reason != RejectReason.None) _all.Rejected.Add(reason);
            foreach (var input in inputs)
            {
                _executed = 7;
                if (input.Kind == InputKind.Read)
                {
                    var read = input.Read;
                    var executed = new SequenceNumber(_executed);
                    var value = SealedReplicas.Results("r");
                    _outgoing.Answer([], [new(new(0), read.Client, read.Number, executed, executed, ReadStatus.Answered, value, _id) { KeyEpoch = read.KeyEpoch }]);
                    continue;
                }

                var request = input.Request;
                var (session, sequence, status) = request.OpensSession
                    ? (_all.SessionOf(request), 1, ReplyStatus.SessionOpened)
                    : (request.Id.Session, _executed, ReplyStatus.Executed);
                var results = request.OpensSession ? default : SealedReplicas.Results("r");
                _outgoing.Answer([new(new(0), request.Id, session, new(sequence), status, results, _id) { KeyEpoch = request.KeyEpoch }], []);
            }
        }

        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
        {
            // Peers are not here.
        }

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => _all.Deliver(envelope);

        public void Dispose() => _sessions.Dispose();
    }

    private sealed class Attachment(Action detach) : IDisposable
    {
        public void Dispose() => detach();
    }
}
