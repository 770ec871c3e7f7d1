using System.Collections;
using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Reading;

/// <summary>What a replica appended in its former lives, as <see cref="Replica.Recover"/> takes it: read from the files each time it is gone through.</summary>
/// <remarks>
/// The newest durable state comes first. Then the records in their order, but for those it covers. What a segment repeats of an earlier one
/// counts in the first segment only: in all others it was said before.
/// </remarks>
internal sealed class RecoveredRecords(IJournalStorage storage, JournalLayout layout, StateSnapshot? snapshot, ClusterId cluster) : IEnumerable<JournalRecord>
{
    private readonly RecordCodec _codec = new(cluster);

    public IEnumerator<JournalRecord> GetEnumerator()
    {
        if (snapshot is not null) yield return new(JournalRecordKind.StableCheckpoint, View.Initial, snapshot.Sequence, snapshot.Digest, snapshot);
        for (var i = 0; i < layout.Segments.Count; i++)
        {
            var file = SegmentFile.Read(storage, layout.Segments[i].Segment);
            foreach (var (offset, head, body) in file.Records(layout.EndOf(i)))
            {
                var kind = i == 0 ? (byte)(head.Kind & ~RecordKinds.Repeated) : head.Kind;
                if (RecordKinds.IsOfJournal(kind)) continue;
                if (!RecordKinds.IsOfReplica(kind) || ReadRecord((JournalRecordKind)kind, body) is not { } record)
                {
                    throw new JournalDamagedException(JournalLayout.PathOf(storage, file.Name), offset, $"record {head.Number} is no {RecordKinds.NameOf(kind)} of this cluster");
                }

                if (!IsCovered(record)) yield return record;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private JournalRecord? ReadRecord(JournalRecordKind kind, ReadOnlyMemory<byte> body)
    {
        if (!RecordCodec.TryReadHead(kind, body, out var record)) return null;
        if (IsCovered(record)) return record;

        // Messages slice the bytes they were read from: bytes of their own, or each would hold a whole segment in memory.
        return _codec.TryRead(kind, body.Length > RecordCodec.HeadBytes ? body.ToArray() : body, out record) ? record : null;
    }

    private bool IsCovered(in JournalRecord record) =>
        snapshot is not null
        && record.Sequence <= snapshot.Sequence
        && record.Kind is JournalRecordKind.PrePrepared or JournalRecordKind.Prepared or JournalRecordKind.Committed or JournalRecordKind.StableCheckpoint;
}
