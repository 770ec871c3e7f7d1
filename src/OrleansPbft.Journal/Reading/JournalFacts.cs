using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Journal.Writing;

namespace OrleansPbft.Journal.Reading;

/// <summary>What an appender must know of what is there before it goes on.</summary>
internal sealed class JournalFacts
{
    private readonly List<(long Segment, long Highest)> _segments = [];

    /// <summary>The segments, each with the highest sequence number in it.</summary>
    public IReadOnlyList<(long Segment, long Highest)> Segments => _segments;

    /// <summary>In which view the replica was.</summary>
    public ViewRecords Views { get; } = new();

    /// <summary>Up to where the records lead from the newest snapshot on.</summary>
    public ReplayTrack Track { get; } = new();

    /// <summary>How many bytes of segments were used before the checkpoint of the newest snapshot became stable.</summary>
    public long SnapshotAt { get; private set; }

    /// <summary>How many records of the replica itself there are.</summary>
    public long Records { get; private set; }

    /// <summary>Reads them.</summary>
    public static JournalFacts Read(IJournalStorage storage, JournalLayout layout)
    {
        var facts = new JournalFacts();
        if (layout.Snapshot is { } snapshot) facts.Track.OnSnapshot(snapshot.Sequence.Value);
        var used = 0L;
        for (var i = 0; i < layout.Segments.Count; i++)
        {
            var highest = 0L;
            var file = SegmentFile.Read(storage, layout.Segments[i].Segment);
            foreach (var (offset, head, body) in file.Records(layout.EndOf(i)))
            {
                var kind = (byte)(head.Kind & ~RecordKinds.Repeated);
                if (!RecordKinds.IsOfReplica(kind)) continue;
                facts.Records++;
                facts.Views.Note(kind, body.Span);
                if (!CountsAsSequence(kind) || !RecordCodec.TryReadHead((JournalRecordKind)kind, body, out var record)) continue;
                highest = Math.Max(highest, record.Sequence.Value);
                facts.Track.Note(record.Kind, record.Sequence.Value, record.Digest);
                if (record.Kind == JournalRecordKind.StableCheckpoint && record.Sequence == layout.Snapshot?.Sequence) facts.SnapshotAt = used + offset;
            }

            used += layout.Segments[i].Length;
            facts._segments.Add((layout.Segments[i].Segment, highest));
        }

        return facts;
    }

    /// <summary>Whether a segment is needed for a record of this kind as long as no snapshot covers its sequence number.</summary>
    public static bool CountsAsSequence(byte kind) => (JournalRecordKind)kind is
        JournalRecordKind.PrePrepared or JournalRecordKind.Prepared or JournalRecordKind.Committed or JournalRecordKind.StableCheckpoint;
}
