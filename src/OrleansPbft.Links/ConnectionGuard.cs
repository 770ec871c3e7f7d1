using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>How many connections an endpoint has at a time: strangers so many, and each peer a few of its own that no stranger can take.</summary>
/// <remarks>Who is a peer is known when its handshake is over. Handshakes that are not are bounded, too: one more ends the oldest, which has had the most time.
/// So whoever wants to keep a peer out has to begin that many within the moment that the peer's handshake takes, again and again.</remarks>
internal sealed class ConnectionGuard(int strangersMax, Func<Membership?> membership)
{
    /// <summary>How many handshakes may be under way.</summary>
    public const int HandshakesMax = 128;

    /// <summary>How many connections one peer may have: links that are lost and not yet known to be, beside the one in use.</summary>
    public const int PerPeerMax = 8;

    private static readonly object Handshake = new();

    private readonly Lock _gate = new();
    private readonly LinkedList<ConnectionContext> _handshakes = []; // gate, oldest first
    private readonly int[] _ofPeers = new int[ClusterSize.ReplicasMax]; // gate
    private int _strangers; // gate

    /// <summary>Goes around the handshake and all that follows.</summary>
    public ConnectionDelegate AroundHandshake(ConnectionDelegate next) => async connection =>
    {
        var place = new LinkedListNode<ConnectionContext>(connection);
        ConnectionContext? oldest = null;
        lock (_gate)
        {
            if (_handshakes.Count >= HandshakesMax)
            {
                oldest = _handshakes.First!.Value;
                _handshakes.RemoveFirst();
            }

            _handshakes.AddLast(place);
        }

        oldest?.Abort(new ConnectionAbortedException("Too many handshakes are under way, and this is the oldest."));
        connection.Items[Handshake] = place;
        try
        {
            await next(connection);
        }
        finally
        {
            End(place);
        }
    };

    /// <summary>Goes around what follows the handshake.</summary>
    public ConnectionDelegate AfterHandshake(ConnectionDelegate next) => async connection =>
    {
        if (connection.Items.TryGetValue(Handshake, out var place)) End((LinkedListNode<ConnectionContext>)place!);
        var peer = PeerOf(connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        if (!TryEnter(peer))
        {
            connection.Abort(new ConnectionAbortedException("Too many connections are open."));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(peer);
        }
    };

    private ReplicaId? PeerOf(X509Certificate2? certificate) =>
        certificate is not null && ReplicaCertificate.TryReadKey(certificate, out var key) && membership() is { } all && all.TryFind(key, out var peer) ? peer : null;

    private bool TryEnter(ReplicaId? peer)
    {
        lock (_gate)
        {
            ref var count = ref Of(peer);
            if (count >= (peer is null ? strangersMax : PerPeerMax)) return false;
            count++;
            return true;
        }
    }

    private void Leave(ReplicaId? peer)
    {
        lock (_gate) Of(peer)--;
    }

    private ref int Of(ReplicaId? peer)
    {
        if (peer is { } known) return ref _ofPeers[known.Index];
        return ref _strangers;
    }

    private void End(LinkedListNode<ConnectionContext> place)
    {
        lock (_gate)
        {
            if (place.List is not null) _handshakes.Remove(place);
        }
    }
}
