using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What silos say of where they stand, as tests make it up.</summary>
internal static class StatusDocuments
{
    /// <summary>Of these replicas, in view 0.</summary>
    public static StatusDocument Status(params ReplicaStatusDocument[] replicas) => new()
    {
        ClusterId = "c",
        N = 4,
        F = 1,
        Quorum = 3,
        Service = "KeyValueStore",
        View = 0,
        Primary = 0,
        Replicas = replicas,
    };

    /// <summary>Of one replica.</summary>
    public static ReplicaStatusDocument Replica(int id, long lastExecuted, string digest, string state = "Normal") => new()
    {
        Id = id,
        State = state,
        View = 0,
        LastExecuted = lastExecuted,
        StableCheckpoint = 0,
        StateDigest = digest,
        Pending = 0,
        InFlight = 0,
    };
}
