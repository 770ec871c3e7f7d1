using Orleans.Concurrency;

namespace OrleansPbft.Grains;

/// <summary>One replica of the cluster. Its key is the replica's id. All that enters a node enters here.</summary>
[Alias("OrleansPbft.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithIntegerKey
{
    /// <summary>Hands over an envelope of a peer or a client. Never waits, never fails: what is refused is counted.</summary>
    /// <param name="envelope">Opened, and dropped with a counted reason when it does not prove its sender (rule A-4).</param>
    [OneWay]
    [Alias("Deliver")]
    Task Deliver(Envelope envelope);

    /// <summary>Where this replica stands, for people.</summary>
    [Alias("GetStatus")]
    Task<ReplicaStatus> GetStatus();
}
