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

    /// <summary>What this replica is made to do wrong, for people.</summary>
    [Alias("GetFault")]
    Task<FaultStatus> GetFault();

    /// <summary>Makes this replica faulty on purpose, from its next drain on (DESIGN 13).</summary>
    /// <param name="mode">As people write it: <c>lie</c>, <c>drop:0.3</c>; null heals.</param>
    /// <returns>What it does now.</returns>
    /// <exception cref="ArgumentException">There is no such mode; the message names all.</exception>
    /// <exception cref="InvalidOperationException">Faults are not enabled; the message says how they are.</exception>
    [Alias("SetFault")]
    Task<FaultStatus> SetFault(string? mode);
}
