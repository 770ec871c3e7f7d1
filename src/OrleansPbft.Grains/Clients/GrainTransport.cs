using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Clients;

/// <summary>How a client grain reaches the replicas: by grain calls, there and back. Its replies are opened off its turns, in order.</summary>
internal sealed class GrainTransport(IGrainFactory grains, ReplyRouter replies, IClientGrain self) : IClusterTransport, IReplySink, IThreadPoolWorkItem
{
    // More replies than this waiting to be opened are dropped; the client asks again.
    private const int RepliesMax = 16_384;

    private readonly IReplicaGrain?[] _replicas = new IReplicaGrain?[ClusterSize.ReplicasMax];
    private readonly Lock _gate = new();
    private Queue<Envelope> _received = []; // gate
    private Queue<Envelope> _opening = []; // of the one thread that runs Execute
    private bool _scheduled; // gate
    private ClientId _client; // set once, with the next
    private volatile IEnvelopeReceiver? _receiver;

    public TransportState State => TransportState.Connected;

    public string? Problem => null;

    public bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        if (_receiver is not null) replies.Register(_client, this); // again, in case it was forgotten
        foreach (var replica in to)
        {
            var grain = _replicas[replica.Index] ??= grains.GetGrain<IReplicaGrain>(replica.Index);
            _ = grain.Deliver(new(envelope, Envelope.FromClients, traceParent)); // one-way: complete at once
        }

        return true;
    }

    /// <summary>The one client of this transport is here.</summary>
    public IDisposable Attach(ClientId client, IEnvelopeReceiver receiver)
    {
        _client = client;
        _receiver = receiver;
        replies.Register(client, this);
        return new Attachment(this);
    }

    /// <summary>A replica of this process has a reply: it goes to the grain as any other's.</summary>
    void IReplySink.Send(ReplicaId from, in Envelope envelope) => _ = self.Deliver(envelope);

    /// <summary>A reply reached the grain.</summary>
    public void OnReply(in Envelope reply)
    {
        lock (_gate)
        {
            if (_received.Count >= RepliesMax) return;
            _received.Enqueue(reply);
            if (_scheduled) return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            if (_received.Count == 0)
            {
                _scheduled = false;
                return;
            }

            (_received, _opening) = (_opening, _received);
        }

        while (_opening.TryDequeue(out var reply)) _receiver?.OnEnvelope(reply.Bytes);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true); // lets others on the thread, then sees what came meanwhile
    }

    private void Detach()
    {
        _receiver = null;
        replies.Unregister(_client, this);
    }

    private sealed class Attachment(GrainTransport transport) : IDisposable
    {
        public void Dispose() => transport.Detach();
    }
}
