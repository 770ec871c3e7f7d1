using OrleansPbft.Core;
using OrleansPbft.Journal;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A model of a journal: the records that a replica made durable, in order. One that was on its way at a crash is not among them.</summary>
internal sealed class SimulatedDisk : ReplicaDisk, IReplicaJournal
{
    private readonly List<JournalRecord> _records = [];
    private readonly List<JournalRecord> _appended = [];

    public override IReplicaJournal Open(out IEnumerable<JournalRecord> records)
    {
        records = _records;
        return this;
    }

    public override void Crash() => _appended.Clear();

    public override void Lose() => _records.Clear();

    public override ReplicaDisk Copy()
    {
        var copy = new SimulatedDisk();
        copy._records.AddRange(_records);
        return copy;
    }

    public void Append(in JournalRecord record) => _appended.Add(record);

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var record in _appended) Keep(record);
        _appended.Clear();
        return default;
    }

    private void Keep(JournalRecord record)
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
