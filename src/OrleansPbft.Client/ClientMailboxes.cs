using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>The sessions of the clients of one connection: those that share a key share its sessions. Thread-safe.</summary>
internal sealed class SharedSessions(ClusterInfo cluster, IClusterTransport transport, TimeProvider time) : IEnvelopeSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PublicKey, (SessionKeys Sessions, int Users)> _byKey = []; // gate

    /// <summary>The sessions of a client; null in a cluster that signs everything.</summary>
    public SessionKeys? Take(KeyPair keyPair)
    {
        if (cluster.Options.Authentication != AuthenticationMode.Macs) return null;
        lock (_gate)
        {
            if (!_byKey.TryGetValue(keyPair.PublicKey, out var shared))
            {
                shared.Sessions = SessionKeys.OfClient(cluster.Id, cluster.Cluster.Replicas, keyPair, time: time);
                shared.Sessions.Attach(this);
            }

            _byKey[keyPair.PublicKey] = (shared.Sessions, shared.Users + 1);
            return shared.Sessions;
        }
    }

    /// <summary>One client with the key is gone; with the last of them its sessions are.</summary>
    public void Return(KeyPair keyPair)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(keyPair.PublicKey, out var shared)) return;
            if (shared.Users > 1)
            {
                _byKey[keyPair.PublicKey] = (shared.Sessions, shared.Users - 1);
                return;
            }

            _byKey.Remove(keyPair.PublicKey);
            shared.Sessions.Dispose();
        }
    }

    public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => transport.Send(ReplicaSet.Empty.With(to), envelope, traceParent);

    public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope)
    {
        // A client has nothing to say to clients.
    }
}
