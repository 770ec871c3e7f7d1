using OrleansPbft.Core;

namespace OrleansPbft.Grains.Network;

/// <summary>Someone who listens for a client's replies: a connection of the client port, or a client grain.</summary>
public interface IReplySink
{
    /// <summary>Takes a reply. Called by many threads. Never waits and never throws: one without room drops it, and the client asks again.</summary>
    /// <param name="from">The replica that answers.</param>
    /// <param name="envelope">The sealed reply; must not be changed.</param>
    void Send(ReplicaId from, in Envelope envelope);
}
