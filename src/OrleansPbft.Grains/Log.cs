using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Faults;

namespace OrleansPbft.Grains;

/// <summary>Every line these grains can log. 1000s: start and stop. 2000s: protocol. 3000s: machines and their activations.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Information, "Cluster {Cluster}: {Size}, service {Service}, durability {Durability}")]
    public static partial void ClusterStarted(this ILogger log, ClusterId cluster, ClusterSize size, string service, Durability durability);

    [LoggerMessage(1002, LogLevel.Warning, "Replicas of this cluster can be made faulty on purpose, by whoever reaches the HTTP API (Pbft:FaultInjection:Enabled)")]
    public static partial void FaultsEnabled(this ILogger log);

    [LoggerMessage(1003, LogLevel.Information, "{Replica} has its journal in {Directory}: epoch {Epoch}")]
    public static partial void JournalOpened(this ILogger log, ReplicaId replica, string directory, long epoch);

    [LoggerMessage(1004, LogLevel.Warning, "{Replica} cut off what a crash left unfinished in {File} at byte {Offset}: from record {Record} on nothing had been confirmed")]
    public static partial void TornTailCut(this ILogger log, ReplicaId replica, string file, long offset, long record);

    [LoggerMessage(1006, LogLevel.Warning, "The clock of this silo is off by {Offset} on purpose (Pbft:FaultInjection:ClockOffset)")]
    public static partial void ClockIsOff(this ILogger log, TimeSpan offset);

    [LoggerMessage(2001, LogLevel.Warning, "{Replica} saw what no correct replica sends: {Evidence}")]
    public static partial void Accused(this ILogger log, ReplicaId replica, Evidence evidence);

    [LoggerMessage(2002, LogLevel.Critical, "{Replica} has state {Digest} at {Sequence}, which is not what a quorum certified: it neither votes nor replies until it is repaired")]
    public static partial void StateDiverged(this ILogger log, ReplicaId replica, SequenceNumber sequence, Digest digest);

    [LoggerMessage(2003, LogLevel.Warning, "{Replica} fetches the state at {Sequence} from its peers")]
    public static partial void TransferStarted(this ILogger log, ReplicaId replica, SequenceNumber sequence);

    [LoggerMessage(2004, LogLevel.Debug, "{Replica} has a request that was not executed for {Wait}")]
    public static partial void RequestOverdue(this ILogger log, ReplicaId replica, TimeSpan wait);

    [LoggerMessage(2005, LogLevel.Debug, "{Replica} has stable checkpoint {Sequence} with digest {Digest}")]
    public static partial void CheckpointStable(this ILogger log, ReplicaId replica, SequenceNumber sequence, Digest digest);

    [LoggerMessage(2006, LogLevel.Information, "{Replica} has fetched the state at {Sequence}, {Bytes} bytes")]
    public static partial void TransferCompleted(this ILogger log, ReplicaId replica, SequenceNumber sequence, long bytes);

    [LoggerMessage(2011, LogLevel.Information, "{Replica} needs the state at {Sequence} no more: its log led there")]
    public static partial void TransferOvertaken(this ILogger log, ReplicaId replica, SequenceNumber sequence);

    [LoggerMessage(2007, LogLevel.Debug, "{Replica} dropped the donor {Donor} of the state at {Sequence}")]
    public static partial void DonorDropped(this ILogger log, ReplicaId replica, ReplicaId donor, SequenceNumber sequence);

    [LoggerMessage(2008, LogLevel.Warning, "{Replica} suspects {View}, whose primary is {Primary}: {Cause}")]
    public static partial void Suspected(this ILogger log, ReplicaId replica, View view, ReplicaId primary, SuspicionCause cause);

    [LoggerMessage(2009, LogLevel.Warning, "{Replica} changes to {View}")]
    public static partial void ViewChangeStarted(this ILogger log, ReplicaId replica, View view);

    [LoggerMessage(2010, LogLevel.Information, "{Replica} is in {View}, whose primary is {Primary}, from {Base} with {Choices} choices")]
    public static partial void ViewEntered(this ILogger log, ReplicaId replica, View view, ReplicaId primary, SequenceNumber @base, long choices);

    [LoggerMessage(2012, LogLevel.Warning, "{Replica} joins as a learner: its journal does not tell what it may have said, so it is silent, and asks its peers (rule D-5)")]
    public static partial void LearnerJoined(this ILogger log, ReplicaId replica);

    [LoggerMessage(2013, LogLevel.Warning, "{Replica} may have spoken in a life that it lost: it takes part again beyond {Sequence}, in {View} or later")]
    public static partial void LearnerBounded(this ILogger log, ReplicaId replica, SequenceNumber sequence, View view);

    [LoggerMessage(2014, LogLevel.Information, "{Replica} takes part: it never spoke before")]
    public static partial void TookPart(this ILogger log, ReplicaId replica);

    [LoggerMessage(2015, LogLevel.Warning, "{Replica} takes part again beyond {Sequence}, from {View} on")]
    public static partial void TookPartAgain(this ILogger log, ReplicaId replica, SequenceNumber sequence, View view);

    [LoggerMessage(3001, LogLevel.Critical, "{Machine} of {Replica} stopped for good: one of its own invariants is broken")]
    public static partial void MachineHalted(this ILogger log, ReplicaId replica, string machine, Exception reason);

    [LoggerMessage(3002, LogLevel.Warning, "A second activation took over {Machine} of {Replica}; the first one drives it no longer")]
    public static partial void ClaimTakenOver(this ILogger log, ReplicaId replica, string machine);

    [LoggerMessage(3003, LogLevel.Warning, "{Replica} is faulty on purpose from now on: {Fault}")]
    public static partial void MadeFaulty(this ILogger log, ReplicaId replica, Fault fault);

    [LoggerMessage(3004, LogLevel.Warning, "{Replica} is healed: it is faulty on purpose no longer")]
    public static partial void Healed(this ILogger log, ReplicaId replica);

    [LoggerMessage(3101, LogLevel.Error, "{Machine} of {Replica} is silent: {Reason}")]
    public static partial void OutOfSpace(this ILogger log, ReplicaId replica, string machine, string reason);

    [LoggerMessage(3102, LogLevel.Warning, "{Machine} of {Replica} speaks again: its journal has room")]
    public static partial void RoomAgain(this ILogger log, ReplicaId replica, string machine);
}
