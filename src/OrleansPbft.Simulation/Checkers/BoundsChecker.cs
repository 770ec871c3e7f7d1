using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Bounded memory (rules N-8, C-2, C-6): nothing a replica keeps exceeds what its options allow.</summary>
internal sealed class BoundsChecker(ProtocolOptions options)
{
    public void Check(SimulatedReplica replica)
    {
        var machine = replica.Machine;
        Check(replica.Id, machine.Pending, machine.InFlight, machine.LastExecuted.Value - machine.StableCheckpoint.Value, replica.State.Sessions);
        Check(replica.Id, replica.Leader.Queued, replica.Leader.Outstanding);
    }

    /// <summary>What a replica keeps.</summary>
    public void Check(ReplicaId replica, int pending, int inFlight, long executedAbove, int sessions)
    {
        Require(replica, "pending requests", pending, options.PendingMax);
        Require(replica, "sequence numbers in flight", inFlight, 2L * options.LogWindow);
        Require(replica, "sequence numbers executed above the stable checkpoint", executedAbove, 2L * options.LogWindow);
        Require(replica, "sessions", sessions, options.SessionsMax);
    }

    /// <summary>What a leader keeps. It may be handed again what its replica has pending, and forget it a moment later.</summary>
    public void Check(ReplicaId replica, int queued, int outstanding)
    {
        Require(replica, "requests queued at the leader", queued, 2L * options.PendingMax);
        Require(replica, "proposals outstanding", outstanding, options.Pipeline);
    }

    private static void Require(ReplicaId replica, string what, long count, long most)
    {
        if (count > most) throw new SimulationFailedException($"Bounds: {replica} has {count} {what}; {most} are allowed.");
    }
}
