using Microsoft.Extensions.Logging;
using OrleansPbft.Core;

namespace OrleansPbft.Grains;

/// <summary>Every line these grains can log. 1000s: start and stop. 2000s: protocol. 3000s: machines and their activations.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Information, "Cluster {Cluster}: {Size}, service {Service}, state kept nowhere")]
    public static partial void ClusterStarted(this ILogger log, ClusterId cluster, ClusterSize size, string service);

    [LoggerMessage(2001, LogLevel.Warning, "{Replica} saw what no correct replica sends: {Evidence}")]
    public static partial void Accused(this ILogger log, ReplicaId replica, Evidence evidence);

    [LoggerMessage(2002, LogLevel.Critical, "{Replica} has state {Digest} at {Sequence}, which is not what a quorum certified: it neither votes nor replies any longer")]
    public static partial void StateDiverged(this ILogger log, ReplicaId replica, SequenceNumber sequence, Digest digest);

    [LoggerMessage(2003, LogLevel.Warning, "{Replica} fell behind: its peers have dropped log it needs to reach {Sequence}")]
    public static partial void FellBehind(this ILogger log, ReplicaId replica, SequenceNumber sequence);

    [LoggerMessage(2004, LogLevel.Debug, "{Replica} has a request that was not executed for {Wait}")]
    public static partial void RequestOverdue(this ILogger log, ReplicaId replica, TimeSpan wait);

    [LoggerMessage(2005, LogLevel.Debug, "{Replica} has stable checkpoint {Sequence} with digest {Digest}")]
    public static partial void CheckpointStable(this ILogger log, ReplicaId replica, SequenceNumber sequence, Digest digest);

    [LoggerMessage(3001, LogLevel.Critical, "{Machine} of {Replica} stopped for good: one of its own invariants is broken")]
    public static partial void MachineHalted(this ILogger log, ReplicaId replica, string machine, Exception reason);

    [LoggerMessage(3002, LogLevel.Warning, "A second activation took over {Machine} of {Replica}; the first one drives it no longer")]
    public static partial void ClaimTakenOver(this ILogger log, ReplicaId replica, string machine);
}
