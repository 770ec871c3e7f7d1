using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>Where links hand in what peers sent. Thread-safe; never waits and never throws.</summary>
public interface IPeerInbox
{
    /// <summary>Whether what a peer sends finds room. Until it does, its link is not read, and the peer's own queue fills.</summary>
    bool HasRoom(ReplicaId from);

    /// <summary>Takes an envelope, unchecked.</summary>
    /// <param name="from">The peer, proven by its certificate; who sealed the envelope is in the envelope.</param>
    /// <param name="envelope">Does not change any more.</param>
    /// <param name="traceParent">The W3C trace context that came with it; null for none. A hint, never trusted.</param>
    void Deliver(ReplicaId from, ReadOnlyMemory<byte> envelope, string? traceParent);

    /// <summary>A peer was parted with because too much of what it had sent was rejected: what still waits of it is not worth a look.</summary>
    void Forget(ReplicaId from);
}
