using OrleansPbft.Core;

namespace OrleansPbft.Grains.Network;

/// <summary>Where sealed envelopes leave a replica: grain calls inside one silo, and links between organisations.</summary>
/// <remarks>Called by many threads, in order for one sender. Never waits and never throws: what can not be sent is lost, and lost
/// messages are sent again by the protocol (rule VC-9).</remarks>
public interface IPeers
{
    /// <summary>Sends an envelope to a replica; <paramref name="from"/> itself included, for its leader's proposals.</summary>
    /// <param name="from">The replica that hands it on.</param>
    /// <param name="to">The destination.</param>
    /// <param name="envelope">Sealed by <paramref name="from"/>, or relayed unchanged.</param>
    void Send(ReplicaId from, ReplicaId to, in Envelope envelope);

    /// <summary>Sends a reply towards its client, wherever that one is listening; to nobody when it is not.</summary>
    /// <param name="from">The replica that answers.</param>
    /// <param name="to">The client.</param>
    /// <param name="envelope">The sealed reply.</param>
    void Reply(ReplicaId from, ClientId to, in Envelope envelope);

    /// <summary>An envelope that a peer had handed on was refused, so that a transport can part with a peer that sends garbage. Does nothing by default.</summary>
    /// <param name="self">The replica that refused it.</param>
    /// <param name="from">The peer.</param>
    /// <param name="reason">Why.</param>
    void OnRejected(ReplicaId self, ReplicaId from, RejectReason reason)
    {
    }
}
