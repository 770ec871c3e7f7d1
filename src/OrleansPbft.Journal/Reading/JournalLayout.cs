using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Reading;

/// <summary>Which files of a directory are the journal, where it ends, and that nothing of it is missing or damaged (rule D-2).</summary>
/// <remarks>
/// A bad record is a torn tail where nothing proves that it ever was durable, and damage where something does. It is proven by the head of a
/// later segment, which names the number it begins with, and by every later record, which names the number below which all was durable when it
/// was written. So of several records of one flush that a crash interrupted, any may be lost, and none that was confirmed before.
/// </remarks>
internal sealed class JournalLayout
{
    private JournalLayout(IReadOnlyList<SegmentHead> segments, long next, SnapshotReference? snapshot, TornTail? torn, IReadOnlyList<string> leftovers)
    {
        Segments = segments;
        Next = next;
        Snapshot = snapshot;
        Torn = torn;
        Leftovers = leftovers;
    }

    /// <summary>The segments that are needed, in order; none where there is no journal yet.</summary>
    public IReadOnlyList<SegmentHead> Segments { get; }

    /// <summary>The number behind the last record.</summary>
    public long Next { get; }

    /// <summary>The newest durable snapshot; null where there is none.</summary>
    public SnapshotReference? Snapshot { get; }

    /// <summary>What a crash cut off.</summary>
    public TornTail? Torn { get; }

    /// <summary>Files that are no part of it any more, or never were complete.</summary>
    public IReadOnlyList<string> Leftovers { get; }

    /// <summary>The newest epoch; 0 where there is no journal yet.</summary>
    public long Epoch => Segments is [.., var last] ? last.Epoch : 0;

    /// <summary>The number behind the last record of a segment.</summary>
    public long EndOf(int index) => index + 1 < Segments.Count ? Segments[index + 1].First : Next;

    /// <summary>Reads a directory.</summary>
    /// <exception cref="JournalDamagedException">Something durable is missing or not what it was.</exception>
    public static JournalLayout Read(IJournalStorage storage)
    {
        var names = storage.List();
        var found = new List<Found>();
        foreach (var name in names)
        {
            if (FileNames.IsSegment(name, out var number)) found.Add(Found.Look(storage, number));
        }

        SnapshotReference? snapshot = null;
        for (var i = 0; i < found.Count; i++) snapshot = found[i].SnapshotBelow(NextFirst(found, i)) ?? snapshot;
        var oldest = snapshot?.OldestSegment ?? 1;
        var leftovers = names.Where(name => IsLeftover(name, oldest, snapshot)).ToList();
        found.RemoveAll(one => one.Number < oldest);
        if (found.Count == 0 && snapshot is null) return new([], 0, null, null, leftovers);

        var torn = Check(storage, found, oldest);
        if (snapshot is { } reference && !names.Contains(FileNames.OfSnapshot(reference.Sequence.Value), StringComparer.Ordinal))
        {
            throw new JournalDamagedException(PathOf(storage, FileNames.OfSnapshot(reference.Sequence.Value)), 0, "the file is missing, and the journal relies on it");
        }

        return new([.. found.Select(static one => one.Head!.Value)], found[^1].Stop, snapshot, torn, leftovers);
    }

    /// <summary>A file's path, as messages show it.</summary>
    public static string PathOf(IJournalStorage storage, string name) => Path.Combine(storage.Name, name);

    private static long NextFirst(List<Found> found, int index) =>
        index + 1 < found.Count && found[index + 1] is { Head: { } next } && next.Segment == found[index].Number + 1 ? next.First : long.MaxValue;

    private static bool IsLeftover(string name, long oldest, SnapshotReference? snapshot) =>
        FileNames.IsUnfinished(name)
        || (FileNames.IsSegment(name, out var number) && number < oldest)
        || (FileNames.IsSnapshot(name, out var sequence) && sequence != snapshot?.Sequence.Value);

    /// <summary>Whatever is damaged is told before what is missing: it may be what says which files are needed.</summary>
    private static TornTail? Check(IJournalStorage storage, List<Found> found, long oldest)
    {
        if (found is []) throw Missing(oldest);
        foreach (var one in found)
        {
            if (one.Problem is { } problem) throw problem;
        }

        for (var i = 0; i + 1 < found.Count; i++)
        {
            if (found[i + 1].Number == found[i].Number + 1) CheckJoint(storage, found[i], found[i + 1].Head!.Value);
        }

        var torn = CheckEnd(storage, found[^1]);
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].Number != oldest + i) throw Missing(oldest + i);
        }

        return torn;

        JournalDamagedException Missing(long number) =>
            new(PathOf(storage, FileNames.OfSegment(number)), 0, "the file is missing, and what is there relies on it");
    }

    /// <summary>Everything before the first record of the next segment was durable when that one began.</summary>
    private static void CheckJoint(IJournalStorage storage, Found one, SegmentHead next)
    {
        var head = one.Head!.Value;
        if (next.Epoch < head.Epoch || (next.Cluster, next.Replica) != (head.Cluster, head.Replica))
        {
            throw new JournalDamagedException(PathOf(storage, FileNames.OfSegment(next.Segment)), 0, "it is no continuation of the segment before it");
        }

        if (one.Stop < next.First)
        {
            throw new JournalDamagedException(
                PathOf(storage, FileNames.OfSegment(one.Number)), one.StopOffset, $"record {one.Stop} is not there, and segment {next.Segment} proves that it was durable");
        }

        one.Stop = next.First; // what follows is void: it had been cut off when the next segment began
    }

    private static TornTail? CheckEnd(IJournalStorage storage, Found last)
    {
        var path = PathOf(storage, FileNames.OfSegment(last.Number));
        var head = last.Head!.Value;
        var durable = Math.Max(last.Durable, head.First + head.Repeats);
        if (last.Stop < durable)
        {
            throw new JournalDamagedException(path, last.StopOffset, $"record {last.Stop} is not there, and what follows proves that it was durable");
        }

        return last.IsBlankBehind ? null : new TornTail(path, last.StopOffset, last.Stop);
    }

    /// <summary>A segment as it was found, on its own.</summary>
    private sealed class Found
    {
        private readonly List<(long Number, SnapshotReference Reference)> _snapshots = [];

        public required long Number { get; init; }

        public SegmentHead? Head { get; private init; }

        public JournalDamagedException? Problem { get; private init; }

        /// <summary>The number of the first record that is not there.</summary>
        public long Stop { get; set; }

        public long StopOffset { get; private set; }

        /// <summary>All records below this number were durable, as far as this segment proves.</summary>
        public long Durable { get; private set; }

        public bool IsBlankBehind { get; private set; }

        public static Found Look(IJournalStorage storage, long number)
        {
            SegmentFile file;
            try
            {
                file = SegmentFile.Read(storage, number);
            }
            catch (JournalDamagedException problem)
            {
                return new() { Number = number, Problem = problem }; // of no matter where the segment is not needed any more
            }

            var found = new Found { Number = number, Head = file.Head, Stop = file.Head.First, StopOffset = SegmentHead.Bytes };
            foreach (var (offset, head, body) in file.Records())
            {
                if (head.Kind == RecordKinds.Snapshot && body.Length == SnapshotReference.Bytes) found._snapshots.Add((head.Number, SnapshotReference.Read(body.Span)));
                found.Durable = Math.Max(found.Durable, head.Durable);
                found.Stop = head.Number + 1;
                found.StopOffset = offset + head.FrameBytes;
            }

            found.Durable = Math.Max(found.Durable, file.DurableBehind(found.StopOffset));
            found.IsBlankBehind = file.IsBlankFrom(found.StopOffset);
            return found;
        }

        /// <summary>The last snapshot that a record below a number names.</summary>
        public SnapshotReference? SnapshotBelow(long end)
        {
            var below = _snapshots.FindLastIndex(one => one.Number < end);
            return below < 0 ? null : _snapshots[below].Reference;
        }
    }
}
