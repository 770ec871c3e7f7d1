using System.Collections.Concurrent;
using System.Threading.Channels;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>A node of four replicas behind a port, all correct: whatever one of them gets, all of them answer.</summary>
/// <param name="replicas">Seal what the replicas say.</param>
/// <param name="access">Which clients may speak.</param>
/// <param name="only">The one replica of this node, which alone answers; null for all.</param>
internal sealed class FakeNode(SealedReplicas replicas, ClientAccess? access = null, int? only = null) : IClientGateway
{
    private readonly ConcurrentDictionary<RequestId, long> _executed = new();
    private readonly ConcurrentDictionary<ClientId, Link> _links = new();
    private long _sessions;
    private long _sequence;
    private int _reads;

    public ClusterId Cluster => replicas.Cluster.Id;

    public EnvelopeOpener Opener { get; } = new(replicas.Cluster.Membership, replicas.Options, new SignatureVerifier(new()), access);

    /// <summary>What was delivered, in order.</summary>
    public Channel<(ReplicaId To, Request Request)> Delivered { get; } = Channel.CreateUnbounded<(ReplicaId, Request)>();

    /// <summary>Whether the replicas answer.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Whether the replicas refuse whatever is asked.</summary>
    public bool IsBusy { get; set; }

    /// <summary>What came along with each request and read; null for nothing.</summary>
    public ConcurrentQueue<string?> Traces { get; } = new();

    /// <summary>Clients that are registered now.</summary>
    public ICollection<ClientId> Clients => _links.Keys;

    /// <summary>How many reads were delivered, to whatever replica.</summary>
    public int Reads => _reads;

    public int Executed => _executed.Count;

    public bool Serves(ReplicaId replica) => only is null || replica.Index == only;

    public IClientLink Attach(IReplyReceiver replies) => new Link(this, replies);

    /// <summary>Sends a client bytes from a replica.</summary>
    public void Send(ClientId client, int from, ReadOnlyMemory<byte> envelope)
    {
        if (_links.TryGetValue(client, out var link)) link.Replies.Send(new(from), envelope);
    }

    private void Deliver(Link link, ReplicaId to, ReadOnlyMemory<byte> envelope)
    {
        Assert.Equal(RejectReason.None, Opener.TryOpen(envelope, out var input));
        if (input.Kind == InputKind.Read)
        {
            Interlocked.Increment(ref _reads);
            if (Answers) link.Replies.Send(to, replicas.SealRead(to.Index, input.Read.Client, input.Read.Number, SealedReplicas.Results("read")));
            return;
        }

        Assert.True(Delivered.Writer.TryWrite((to, input.Request)));
        if (!Answers) return;
        var request = input.Request.Id;
        if (IsBusy)
        {
            link.Replies.Send(to, replicas.Seal(to.Index, request, ReplyStatus.Busy));
            return;
        }

        var isOpening = request.Session == SessionId.None;
        var place = _executed.GetOrAdd(request, _ => Interlocked.Increment(ref isOpening ? ref _sessions : ref _sequence));
        for (var i = 0; i < replicas.Cluster.Cluster.Replicas; i++)
        {
            if (only is not null && only != i) continue;
            link.Replies.Send(new(i), isOpening
                ? replicas.Seal(i, request, ReplyStatus.SessionOpened, session: place)
                : replicas.Seal(i, request, ReplyStatus.Executed, SealedReplicas.Results("done"), sequence: place));
        }
    }

    private sealed class Link(FakeNode node, IReplyReceiver replies) : IClientLink
    {
        public IReplyReceiver Replies => replies;

        public void Register(ClientId client) => node._links[client] = this;

        public void Unregister(ClientId client) => node._links.TryRemove(KeyValuePair.Create(client, this));

        public void Deliver(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
        {
            node.Traces.Enqueue(traceParent);
            node.Deliver(this, to, envelope);
        }
    }
}
