using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Inspection;

/// <summary>Looks at a journal without owning it, and without changing anything: also while its replica runs.</summary>
public sealed class JournalInspector
{
    private const int OwnerBytesMax = 1024;
    private const int ReadsMax = 3;

    private readonly IJournalStorage _storage;

    /// <summary>Looks at a directory of the file system.</summary>
    public JournalInspector(string path)
        : this(new DirectoryStorage(path))
    {
    }

    /// <summary>Looks at any medium.</summary>
    public JournalInspector(IJournalStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
    }

    /// <summary>Reads everything there is, messages and chunks of the state included, and says whether it is sound.</summary>
    /// <exception cref="IOException">It can not be read, or its owner removed a file meanwhile.</exception>
    public JournalReport Inspect()
    {
        // While its owner writes, a later part of a file may be read newer than an earlier one. What is damaged stays so.
        var report = InspectOnce();
        for (var i = 1; i < ReadsMax && report.Health == JournalHealth.Damaged; i++)
        {
            var again = InspectOnce();
            if (again.Problem == report.Problem) break;
            report = again;
        }

        return report;
    }

    /// <summary>All records that can be read, in order; of a damaged segment those before the damage.</summary>
    /// <exception cref="IOException">It can not be read, or its owner removed a file meanwhile.</exception>
    public IEnumerable<InspectedRecord> Records()
    {
        var (segments, _) = ReadSegments();
        for (var i = 0; i < segments.Count; i++)
        {
            var codec = new RecordCodec(segments[i].Head.Cluster);
            foreach (var (offset, head, body) in segments[i].Records(EndOf(segments, i))) yield return Describe(codec, segments[i].Name, offset, head, body, out _);
        }
    }

    private static long EndOf(List<SegmentFile> segments, int index) => index + 1 < segments.Count ? segments[index + 1].Head.First : long.MaxValue;

    private static InspectedRecord Describe(RecordCodec codec, string file, long offset, RecordHead head, ReadOnlyMemory<byte> body, out bool isBad)
    {
        var kind = (byte)(head.Kind & ~RecordKinds.Repeated);
        var name = RecordKinds.NameOf(kind);
        var isRepeated = kind != head.Kind;
        isBad = false;
        if (kind == RecordKinds.Snapshot && body.Length == SnapshotReference.Bytes)
        {
            var snapshot = SnapshotReference.Read(body.Span);
            return new(
                head.Number, file, offset, name, isRepeated, View.Initial, snapshot.Sequence, snapshot.Digest, head.FrameBytes,
                $"{snapshot.FileBytes} bytes; segments from {snapshot.OldestSegment} on are needed");
        }

        if (kind == RecordKinds.Mark) return new(head.Number, file, offset, name, isRepeated, default, default, default, head.FrameBytes, $"durable below {head.Durable}");
        var record = default(JournalRecord);
        isBad = !RecordKinds.IsOfReplica(kind) || !codec.TryRead((JournalRecordKind)kind, body, out record);
        if (isBad) return new(head.Number, file, offset, name, isRepeated, default, default, default, head.FrameBytes, "is none of this version's");
        return new(head.Number, file, offset, name, isRepeated, record.View, record.Sequence, record.Digest, head.FrameBytes, DetailOf(record));
    }

    private static string DetailOf(in JournalRecord record) => record.Subject switch
    {
        PrePrepare proposal =>
            $"{proposal.Batch.Requests.Length} requests in {proposal.Batch.Encoding.Length} bytes, time {TimeOf(proposal.Batch.Timestamp)}, "
            + $"from {proposal.Sender}{Seal(proposal.Envelope)}",
        ViewChange viewChange =>
            $"h {viewChange.StableCheckpoint}, {viewChange.Prepared.Length} prepared, {viewChange.PrePrepared.Length} pre-prepared, "
            + $"from {viewChange.Sender}{Seal(viewChange.Envelope)}",
        NewView newView =>
            $"of {newView.ViewChanges.Length} VIEW-CHANGEs, base {newView.Decision.Base.Sequence}, {newView.Decision.Choices.Length} choices, "
            + $"from {newView.Sender}{Seal(newView.Envelope)}",
        ReplicaLives lives => lives.ToString(),
        _ => "",
    };

    private static string TimeOf(Instant time) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(time.Microseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Seal(ReadOnlyMemory<byte> envelope) => envelope.IsEmpty ? ", its own" : "";

    private JournalReport InspectOnce()
    {
        var names = _storage.List();
        var owner = ReadOwner(names);
        JournalLayout layout;
        try
        {
            layout = JournalLayout.Read(_storage);
        }
        catch (JournalDamagedException damage)
        {
            var (readable, _) = ReadSegments();
            return Report(JournalHealth.Damaged, readable, names, owner) with { Problem = damage.Message };
        }

        if (layout.Segments.Count == 0) return new() { Directory = _storage.Name, Health = JournalHealth.Empty, Leftovers = layout.Leftovers, Owner = owner };
        var (segments, problem) = ReadSegments(layout);
        problem ??= FindProblem(layout);
        var report = Report(problem is not null ? JournalHealth.Damaged : layout.Torn is null ? JournalHealth.Sound : JournalHealth.TornTail, segments, names, owner);
        return report with
        {
            Problem = problem ?? (layout.Torn is { } torn ? $"{torn.File} ends at byte {torn.Offset} with record {torn.Record}, which was not confirmed." : null),
            Leftovers = layout.Leftovers,
            Snapshot = layout.Snapshot is { } snapshot
                ? new(FileNames.OfSnapshot(snapshot.Sequence.Value), snapshot.Sequence, snapshot.Digest, snapshot.FileBytes)
                : null,
        };
    }

    private JournalReport Report(JournalHealth health, List<SegmentFile> segments, IReadOnlyList<string> names, string? owner)
    {
        var inspected = new List<InspectedSegment>();
        for (var i = 0; i < segments.Count; i++)
        {
            var head = segments[i].Head;
            var (records, used) = (0L, (long)SegmentHead.Bytes);
            foreach (var (offset, record, _) in segments[i].Records(EndOf(segments, i))) (records, used) = (records + 1, offset + record.FrameBytes);
            inspected.Add(new(segments[i].Name, head.Epoch, head.First, records, head.Length, used));
        }

        return new()
        {
            Directory = _storage.Name,
            Health = health,
            Cluster = segments is [var first, ..] ? first.Head.Cluster : null,
            Replica = segments is [var one, ..] ? one.Head.Replica : null,
            Epoch = segments is [.., var last] ? last.Head.Epoch : 0,
            Owner = owner,
            Segments = inspected,
            Leftovers = [.. names.Where(FileNames.IsUnfinished)],
        };
    }

    /// <summary>The segments that can be read: those of the layout, or all there are.</summary>
    private (List<SegmentFile> Segments, string? Problem) ReadSegments(JournalLayout? layout = null)
    {
        var segments = new List<SegmentFile>();
        string? problem = null;
        foreach (var name in _storage.List())
        {
            if (!FileNames.IsSegment(name, out var number) || number < layout?.Segments[0].Segment) continue;
            try
            {
                segments.Add(SegmentFile.Read(_storage, number));
            }
            catch (JournalDamagedException damage)
            {
                problem ??= damage.Message;
            }
        }

        return (segments, problem);
    }

    /// <summary>What only a look into every message and every chunk shows.</summary>
    private string? FindProblem(JournalLayout layout)
    {
        var codec = new RecordCodec(layout.Segments[0].Cluster);
        for (var i = 0; i < layout.Segments.Count; i++)
        {
            var segment = SegmentFile.Read(_storage, layout.Segments[i].Segment);
            foreach (var (offset, head, body) in segment.Records(layout.EndOf(i)))
            {
                var record = Describe(codec, segment.Name, offset, head, body, out var isBad);
                var what = $"record {record.Number} of {record.Kind} {record.Detail}";
                if (isBad) return new JournalDamagedException(JournalLayout.PathOf(_storage, segment.Name), offset, what).Message;
            }
        }

        if (layout.Snapshot is not { } snapshot) return null;
        try
        {
            foreach (var _ in SnapshotFile.Read(_storage, snapshot, layout.Segments[0].Cluster))
            {
                // Each is verified as it is read.
            }

            return null;
        }
        catch (JournalDamagedException damage)
        {
            return damage.Message;
        }
    }

    private string? ReadOwner(IReadOnlyList<string> names)
    {
        if (!names.Contains(FileNames.Owner, StringComparer.Ordinal)) return null;
        using var file = _storage.Open(FileNames.Owner);
        var bytes = new byte[Math.Min(file.Length, OwnerBytesMax)];
        return Encoding.UTF8.GetString(bytes, 0, file.Read(0, bytes)).Trim();
    }
}
