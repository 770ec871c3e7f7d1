using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>What a client port needs of the node behind it. Thread-safe.</summary>
public interface IClientGateway
{
    /// <summary>The cluster that clients reach here.</summary>
    ClusterId Cluster { get; }

    /// <summary>Opens the envelopes of this cluster; with the process's memory of verified signatures, so that the replicas need not verify again.</summary>
    EnvelopeOpener Opener { get; }

    /// <summary>Opens what is for one of the node's replicas: with its sessions, where it has some.</summary>
    EnvelopeOpener OpenerOf(ReplicaId replica) => Opener;

    /// <summary>Whether this replica is one of the node's: requests for others go to their own nodes.</summary>
    bool Serves(ReplicaId replica);

    /// <summary>Connects one connection of clients.</summary>
    /// <param name="replies">Where the replies to its clients go.</param>
    IClientLink Attach(IReplyReceiver replies);
}
