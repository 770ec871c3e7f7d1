using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>Sees what a <see cref="PbftClient"/> sends and every single reply it gets, also those that come after f + 1 were equal: for people
/// and for tests. Nothing is decided by it.</summary>
/// <remarks>Called on the client's threads, several at a time. It must be quick, must not throw, and must not call the client. While there is
/// one, every reply to this client is verified; without one, those that nobody waits for are dropped unread.</remarks>
public interface IClientObserver
{
    /// <summary>A request is handed to the transport, for the first time or again; without a connection it stays here until there is one.</summary>
    /// <param name="request">Which; its session is <see cref="SessionId.None"/> when it opens one.</param>
    /// <param name="to">The replicas it goes to.</param>
    void OnSent(RequestId request, ReplicaSet to);

    /// <summary>A replica answered, and proved that it is that replica. What it says may be wrong.</summary>
    /// <param name="reply">Its answer. Shared: it does not change.</param>
    void OnReply(Reply reply);

    /// <summary>Somebody answered and did not prove who.</summary>
    /// <param name="request">The request that is said to be answered.</param>
    /// <param name="reason">What was wrong with the reply.</param>
    void OnRejected(RequestId request, RejectReason reason);
}
