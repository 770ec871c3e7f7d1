using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>One connection of clients, as the node behind the port sees it. Never waits and never throws: what is lost is sent again.</summary>
public interface IClientLink
{
    /// <summary>From now on this connection gets the replies to <paramref name="client"/>, who has just proven that it speaks here.
    /// Called with every request; cheap when it is known.</summary>
    void Register(ClientId client);

    /// <summary>From now on this connection gets none of the replies to <paramref name="client"/>.</summary>
    void Unregister(ClientId client);

    /// <summary>Hands over a client's request or read.</summary>
    /// <param name="to">The replica it is for.</param>
    /// <param name="envelope">An authentic REQUEST or READ; does not change any more.</param>
    /// <param name="traceParent">The W3C trace context that came with it; null for none. A hint, never trusted.</param>
    void Deliver(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent);
}
