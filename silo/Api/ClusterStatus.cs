using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary>Asks the replicas of this process where they stand: all of a local cluster, one of a federation.
/// One that does not answer in time is reported as silent, and keeps nobody waiting.</summary>
internal sealed class ClusterStatus(PbftCluster cluster, IGrainFactory grains, IOptions<PbftOptions> options, TimeProvider time)
{
    /// <summary>What is said of a replica that does not answer.</summary>
    public const string Silent = "Silent";

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly string _bootId = Guid.NewGuid().ToString("N")[..8];

    public async Task<StatusDocument> ReadAsync(CancellationToken cancellationToken)
    {
        var size = cluster.Options.Cluster;
        var replicas = await Task.WhenAll(cluster.Hosted.Select(id => ReadAsync(id.Index, cancellationToken)));

        // f + 1 replicas have reached it, so a correct one has: no single liar moves it. One replica alone is believed: it is this silo's own.
        var views = replicas.Where(static replica => replica.State != Silent).Select(static replica => replica.View).OrderDescending().ToArray();
        var needed = cluster.Hosted.Length == 1 ? 0 : size.MaxFaulty;
        var view = new Core.View(views.Length > needed ? views[needed] : 0);
        return new()
        {
            ClusterId = cluster.Id.ToString(),
            N = size.Replicas,
            F = size.MaxFaulty,
            Quorum = size.Quorum,
            Service = cluster.Service,
            View = view.Number,
            Primary = size.PrimaryOf(view).Index,
            BootId = _bootId,
            FaultInjection = options.Value.FaultInjection.Enabled,
            RequestTimeoutSeconds = cluster.Options.RequestTimeout.TotalSeconds,
            ViewChangeTimeoutSeconds = cluster.Options.ViewChangeTimeout.TotalSeconds,
            Replicas = replicas,
        };
    }

    /// <summary>Asks one replica, which must be of this process.</summary>
    public async Task<ReplicaStatusDocument> ReadAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            return Describe(await grains.GetGrain<IReplicaGrain>(id).GetStatus().WaitAsync(AnswerTimeout, time, cancellationToken));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return new() { Id = id, State = Silent, View = 0, LastExecuted = 0, StableCheckpoint = 0, StateDigest = "", Pending = 0, InFlight = 0 };
        }
    }

    private static ReplicaStatusDocument Describe(ReplicaStatus status) => new()
    {
        Id = status.Id,
        State = status.State,
        View = status.View,
        LastExecuted = status.LastExecuted,
        StableCheckpoint = status.StableCheckpoint,
        StateDigest = status.StateDigest,
        Pending = status.Pending,
        InFlight = status.InFlight,
        Sessions = status.Sessions,
        RefusedBusy = status.RefusedBusy,
        Rejected = status.Rejected,
        Ignored = status.Ignored,
        Accusations = status.Accusations,
        Evidence = status.Evidence,
        HaltedBecause = status.HaltedBecause,
        Fault = status.Fault,
        SilentUpTo = status.SilentUpTo,
    };
}
