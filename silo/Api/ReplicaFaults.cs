using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Faults;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary>Asks the replicas of this silo what they are made to do wrong, and tells them to.</summary>
internal sealed class ReplicaFaults(PbftCluster cluster, IGrainFactory grains, IOptions<PbftOptions> options, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Whether there may be faults on purpose.</summary>
    public bool IsEnabled => options.Value.FaultInjection.Enabled;

    /// <summary>The problem of a replica that is not of this silo; null where it is.</summary>
    public IResult? FindMissing(int id) => ClusterApi.FindMissing(id, cluster);

    public Task<FaultDocument[]> ReadAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(cluster.Hosted.Select(id => ReadAsync(id.Index, cancellationToken)));

    public async Task<FaultDocument> ReadAsync(int id, CancellationToken cancellationToken) =>
        Describe(await grains.GetGrain<IReplicaGrain>(id).GetFault().WaitAsync(AnswerTimeout, time, cancellationToken));

    public async Task<FaultAnswer> SetAsync(int id, Fault? fault, CancellationToken cancellationToken)
    {
        await grains.GetGrain<IReplicaGrain>(id).SetFault(fault?.ToString()).WaitAsync(AnswerTimeout, time, cancellationToken);
        var replicas = await ReadAsync(cancellationToken);
        var (faulty, tolerated, warning) = Judge(replicas);
        return new() { Replica = id, Mode = replicas.Single(replica => replica.Replica == id).Mode, Faulty = faulty, Tolerated = tolerated, Warning = warning };
    }

    /// <summary>How many are faulty on purpose, how many are tolerated, and what to say when those are fewer.</summary>
    public (int Faulty, int Tolerated, string? Warning) Judge(FaultDocument[] replicas)
    {
        var faulty = replicas.Count(static replica => replica.Mode is not null);
        var size = cluster.Options.Cluster;
        var warning = faulty <= size.MaxFaulty
            ? null
            : $"{faulty} replicas are faulty, and n = {size.Replicas} tolerates {size.MaxFaulty}: the cluster may stop, and may answer wrongly. "
                + $"Heal {faulty - size.MaxFaulty} or more.";
        return (faulty, size.MaxFaulty, warning);
    }

    private static FaultDocument Describe(FaultStatus status) => new() { Replica = status.Id, Mode = status.Mode, Acts = status.Acts };
}
