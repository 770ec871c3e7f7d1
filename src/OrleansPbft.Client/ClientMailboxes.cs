using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>The mailboxes of one connection, one for each key; with them the sessions that clients with the same key share. Thread-safe.</summary>
internal sealed class ClientMailboxes : IEnvelopeSink
{
    private readonly ClusterInfo _cluster;
    private readonly IClusterTransport _transport;
    private readonly SignatureVerifier _verifier;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<PublicKey, (ClientMailbox Mailbox, int Users)> _byKey = []; // gate

    public ClientMailboxes(ClusterInfo cluster, IClusterTransport transport, SignatureVerifier verifier, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(verifier);
        _cluster = cluster;
        _transport = transport;
        _verifier = verifier;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The mailbox of a key, for one client more.</summary>
    public ClientMailbox Take(KeyPair keyPair)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(keyPair.PublicKey, out var shared)) shared.Mailbox = new(_cluster, keyPair, _transport, _verifier, SessionsOf(keyPair));
            _byKey[keyPair.PublicKey] = (shared.Mailbox, shared.Users + 1);
            return shared.Mailbox;
        }
    }

    /// <summary>One client with the key is gone; with the last of them its mailbox and its sessions are.</summary>
    public void Return(KeyPair keyPair)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(keyPair.PublicKey, out var shared)) return;
            if (shared.Users > 1)
            {
                _byKey[keyPair.PublicKey] = (shared.Mailbox, shared.Users - 1);
                return;
            }

            _byKey.Remove(keyPair.PublicKey);
            shared.Mailbox.Dispose();
        }
    }

    public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => _transport.Send(ReplicaSet.Empty.With(to), envelope, traceParent);

    public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope)
    {
        // A client has nothing to say to clients.
    }

    private SessionKeys? SessionsOf(KeyPair keyPair)
    {
        if (_cluster.Options.Authentication != AuthenticationMode.Macs) return null;
        var sessions = SessionKeys.OfClient(_cluster.Id, _cluster.Cluster.Replicas, keyPair, time: _time);
        sessions.Attach(this);
        return sessions;
    }
}
