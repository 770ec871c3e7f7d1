using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Network;

/// <summary>Where a transport hands in what peers in other processes sent to a replica of this one: the same grain call as inside a silo.</summary>
public sealed class ReplicaInbox
{
    private readonly MachineHosts _machines;
    private readonly IGrainFactory _grains;
    private readonly IReplicaGrain?[] _replicas = new IReplicaGrain?[ClusterSize.ReplicasMax];

    internal ReplicaInbox(MachineHosts machines, IGrainFactory grains)
    {
        _machines = machines;
        _grains = grains;
    }

    /// <summary>Whether what a peer sends finds room. A transport that can hold up the peer should, until it does; else it may be lost.</summary>
    /// <param name="to">A replica of this process.</param>
    /// <param name="from">The peer.</param>
    public bool HasRoom(ReplicaId to, ReplicaId from) => _machines.Replica(to.Index).HasRoom(from);

    /// <summary>Drops what waits of a peer, and has not been opened: it was parted with for what it sent.</summary>
    /// <param name="to">A replica of this process.</param>
    /// <param name="from">The peer.</param>
    public void Forget(ReplicaId to, ReplicaId from) => _machines.Replica(to.Index).Forget(from);

    /// <summary>Hands in an envelope. Never waits and never throws.</summary>
    /// <param name="to">A replica of this process.</param>
    /// <param name="envelope">With the peer that the transport has authenticated as its origin.</param>
    public void Deliver(ReplicaId to, in Envelope envelope)
    {
        // A race makes the reference twice; either serves.
        var replica = _replicas[to.Index] ??= _grains.GetGrain<IReplicaGrain>(to.Index);
        _ = replica.Deliver(envelope); // one-way: complete at once
    }
}
