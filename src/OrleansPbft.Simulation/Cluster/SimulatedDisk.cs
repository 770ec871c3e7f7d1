using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>What a replica made durable, in order. A record is on it once its flush is over; one that was on its way at a crash never is.</summary>
internal sealed class SimulatedDisk
{
    private readonly List<JournalRecord> _records = [];

    /// <summary>Everything that is durable.</summary>
    public IReadOnlyList<JournalRecord> Records => _records;

    /// <summary>A record's flush is over.</summary>
    public void Append(JournalRecord record)
    {
        // As a journal that drops its segments: what a checkpoint with its state covers is not needed any more, nor the state of one before it.
        if (record is { Kind: JournalRecordKind.StableCheckpoint, Subject: not null })
        {
            _records.RemoveAll(one => one.Sequence <= record.Sequence &&
                (one.Kind is JournalRecordKind.PrePrepared or JournalRecordKind.Prepared or JournalRecordKind.Committed));
            for (var i = 0; i < _records.Count; i++)
            {
                if (_records[i].Kind == JournalRecordKind.StableCheckpoint) _records[i] = _records[i] with { Subject = null };
            }
        }

        _records.Add(record);
    }
}
