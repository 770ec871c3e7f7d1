using System.Collections.Concurrent;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>Where the replies to one key come in over one connection: opened once for all clients that share it, for those that wait for them. Thread-safe.</summary>
internal sealed class ClientMailbox : IEnvelopeReceiver, IDisposable
{
    private readonly ClusterInfo _cluster;
    private readonly ClientId _client;
    private readonly EnvelopeOpener _opener;
    private readonly Func<MessageKind, RequestId, bool> _isWanted;
    private readonly Lock _gate = new();
    private readonly IDisposable _attachment;
    private readonly ConcurrentDictionary<SessionId, PbftClient> _bySession = new(); // whose replies need nobody else asked
    private volatile PbftClient[] _clients = []; // gate; replaced, never changed

    /// <summary>Opens it.</summary>
    /// <param name="cluster">Whose replicas answer.</param>
    /// <param name="keyPair">Whom they answer. Not disposed with this.</param>
    /// <param name="transport">Where their answers come from.</param>
    /// <param name="verifier">Verifies signatures.</param>
    /// <param name="sessions">The key's; null where everything is signed. Disposed with this.</param>
    public ClientMailbox(ClusterInfo cluster, KeyPair keyPair, IClusterTransport transport, SignatureVerifier verifier, SessionKeys? sessions)
    {
        _cluster = cluster;
        _client = keyPair.PublicKey.ClientId;
        Sessions = sessions;
        _opener = new(cluster.Membership, cluster.Options, verifier, sessions: sessions);
        _isWanted = IsWanted;
        _attachment = transport.Attach(_client, this);
    }

    /// <summary>The sessions of the key; null where everything is signed.</summary>
    public SessionKeys? Sessions { get; }

    /// <summary>How large anything on the wire may be.</summary>
    public WireLimits Limits => _opener.Limits;

    /// <inheritdoc/>
    public bool IsWaiting => Array.Exists(_clients, static client => client.IsWaiting);

    /// <summary>From now on a client gets what it waits for.</summary>
    public void Add(PbftClient client)
    {
        lock (_gate) _clients = [.. _clients, client];
    }

    /// <summary>From now on it gets nothing.</summary>
    public void Remove(PbftClient client)
    {
        lock (_gate) _clients = Array.FindAll(_clients, other => other != client);
        foreach (var (session, owner) in _bySession)
        {
            if (owner == client) _bySession.TryRemove(session, out _);
        }
    }

    /// <summary>A client has opened a session: replies to its requests are that client's.</summary>
    public void Open(SessionId session, PbftClient client) => _bySession[session] = client;

    /// <summary>Nothing of the session is waited for any more.</summary>
    public void Close(SessionId session) => _bySession.TryRemove(session, out _);

    /// <inheritdoc/>
    public void OnEnvelope(ReadOnlyMemory<byte> envelope)
    {
        // Of 3f + 1 replies f + 1 are needed: the others, and strangers', are dropped before they cost a verification.
        if (!ReplyHeader.TryRead(envelope, Limits, _cluster.Id, out var kind, out var request) || request.Client != _client) return;
        if (kind is MessageKind.Reply or MessageKind.ReadReply && !IsWanted(kind, request)) return;
        if (kind == MessageKind.Pack && !ReplyHeader.AnyInPack(envelope, Limits, _isWanted)) return;

        // A copy: a session keeps the reply until f + 1 are equal, and the bytes are lent.
        var opened = new List<Input>(1);
        var reason = _opener.TryOpen(envelope.ToArray(), opened);
        if (reason != RejectReason.None)
        {
            ClientMetrics.OnRejected(reason);
            if (kind != MessageKind.Reply) return;
            foreach (var client in _clients) client.OnRejected(request, reason);
            return;
        }

        foreach (var input in opened)
        {
            if (input.Kind == InputKind.Reply && OwnerOf(input.Reply.Request) is { } owner)
            {
                owner.OnOpened(input);
                continue;
            }

            foreach (var client in _clients) client.OnOpened(input);
        }
    }

    /// <inheritdoc/>
    public void OnConnected()
    {
        Sessions?.Announce(); // before the requests, which have MACs as soon as the answers are here
        foreach (var client in _clients) client.OnConnected();
    }

    /// <inheritdoc/>
    public void OnNotListed()
    {
        foreach (var client in _clients) client.OnNotListed();
    }

    /// <inheritdoc/>
    public void OnClosed()
    {
        foreach (var client in _clients) client.OnClosed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attachment.Dispose();
        Sessions?.Dispose();
    }

    private bool IsWanted(MessageKind kind, RequestId request)
    {
        if (kind == MessageKind.Reply && OwnerOf(request) is { } owner) return owner.Wants(kind, request);
        foreach (var client in _clients)
        {
            if (client.Wants(kind, request)) return true;
        }

        return false;
    }

    // What opens a session has none yet: all are asked.
    private PbftClient? OwnerOf(RequestId request) => request.Session != SessionId.None && _bySession.TryGetValue(request.Session, out var owner) ? owner : null;
}
