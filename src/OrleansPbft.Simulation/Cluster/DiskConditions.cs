using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>How the replicas of a run keep their journals. What stands between replica, journal and medium changes nothing by default.</summary>
internal sealed record DiskConditions
{
    /// <summary>Bytes of a segment.</summary>
    public int SegmentBytes { get; init; } = JournalOptions.SegmentBytesMin;

    /// <summary>How much is appended, in bytes, before a snapshot is written again.</summary>
    public long SnapshotLogBytesMin { get; init; }

    /// <summary>How much of a snapshot is written with each flush, in bytes.</summary>
    public int SnapshotStepBytes { get; init; } = 4096;

    /// <summary>What the journal has for its medium.</summary>
    public Func<IJournalStorage, IJournalStorage> Medium { get; init; } = static medium => medium;

    /// <summary>What the replica has for its journal.</summary>
    public Func<IReplicaJournal, IReplicaJournal> Journal { get; init; } = static journal => journal;

    /// <summary>What the replica recovers, of what its journal has.</summary>
    public Func<IEnumerable<JournalRecord>, IEnumerable<JournalRecord>> Recovery { get; init; } = static records => records;

    /// <inheritdoc/>
    public override string ToString() => $"journals in segments of {SegmentBytes} B, a snapshot each {SnapshotLogBytesMin} B in steps of {SnapshotStepBytes} B";
}
