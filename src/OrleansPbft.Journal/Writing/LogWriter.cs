using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Writing;

/// <summary>Writes records into segments, flushes them, begins new segments and removes old ones. One thread at a time; nothing here waits.</summary>
/// <remarks>Where there is no room it can be asked again: what it had written by then it does not write again. After any other failure it must not be used any more.</remarks>
internal sealed class LogWriter : IDisposable
{
    private readonly IJournalStorage _storage;
    private readonly SegmentMaker _maker;
    private readonly List<(long Segment, long Highest)> _segments; // in order, with the highest sequence number in each; the last is the one written to
    private readonly ViewRecords _views;
    private IJournalFile _file;
    private SegmentHead _head;
    private long _offset;
    private long _flushedOffset; // of the current segment
    private long _next; // the number of the next record
    private long _durable; // all records below this number are
    private long _closedBytes; // of the segments before the current one
    private SnapshotReference? _snapshot; // the newest written, and not reported yet
    private bool _isMarked; // nothing follows the newest record that says how far all is durable

    /// <summary>Begins a new segment behind what there is.</summary>
    /// <exception cref="StorageFullException">There is no room for one.</exception>
    public LogWriter(IJournalStorage storage, SegmentMaker maker, JournalLayout layout, JournalFacts facts, long epoch)
    {
        _storage = storage;
        _maker = maker;
        _views = facts.Views;
        _segments = [.. facts.Segments];
        Epoch = epoch;
        _closedBytes = layout.Segments.Sum(static one => one.Length);
        _next = _durable = layout.Next;

        // A segment that holds nothing of its own is replaced: starting again and again costs nothing.
        var number = layout.Segments is [.., var last] ? last.Segment + 1 : 1;
        if (layout is { Torn: null, Segments: [.., var empty] } && layout.Next == empty.First + empty.Repeats)
        {
            number = empty.Segment;
            _next = _durable = empty.First;
            _segments.RemoveAt(_segments.Count - 1);
            _closedBytes -= empty.Length;
        }

        (_file, _head, _offset) = maker.Make(number, Epoch, _next, _views, bytes: 0);
        OnSegment();
    }

    public long Epoch { get; }

    /// <summary>How many bytes of segments have been used so far; what is left of a segment that is closed counts as used.</summary>
    public long UsedBytes => _closedBytes + _offset;

    /// <summary>How many bytes of records were written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>How many flushes there were.</summary>
    public long Flushes { get; private set; }

    /// <summary>Writes what <paramref name="buffer"/> has that is not written yet, and makes all of it durable.</summary>
    /// <returns>The newest snapshot that is among it; null where none is.</returns>
    /// <exception cref="StorageFullException">There is no room: the rest is still to be written.</exception>
    public SnapshotReference? Write(RecordBuffer buffer)
    {
        while (!buffer.IsDone)
        {
            var from = buffer.Written;
            if (buffer[from].FrameBytes > _head.Length - _offset) Roll(buffer[from].FrameBytes);
            var to = from;
            for (var end = _offset; to < buffer.Count && end + buffer[to].FrameBytes <= _head.Length; to++)
            {
                if (buffer[to].Kind == RecordKinds.Snapshot) _snapshot = Complete(buffer, to);
                buffer.WriteHead(to, _next + to - from, _durable, _head.Nonce);
                end += buffer[to].FrameBytes;
            }

            var frames = buffer.Frames(from, to);
            _file.Write(_offset, frames);
            for (var i = from; i < to; i++) OnWritten(buffer[i], buffer.BodyOf(i));
            _offset += frames.Length;
            WrittenBytes += frames.Length;
            _next += to - from;
            _isMarked = false;
            buffer.Written = to;
        }

        Flush();
        var snapshot = _snapshot;
        _snapshot = null;
        return snapshot;
    }

    /// <summary>Says behind the last record that it is durable, without making that durable in turn: any later flush will.</summary>
    /// <remarks>Should that very record be damaged one day, the mark is what tells damage from a torn tail. Costs no flush.</remarks>
    public void Mark()
    {
        if (_isMarked || _offset + RecordHead.Bytes > _head.Length) return;
        Span<byte> frame = stackalloc byte[RecordHead.Bytes];
        new RecordHead(RecordKinds.Mark, Length: 0, Crc32C.Of([]), _next, _durable).Write(frame, _head.Nonce);
        _file.Write(_offset, frame);
        _offset += frame.Length;
        _next++;
        _isMarked = true;
    }

    /// <summary>Makes everything written durable.</summary>
    public void Flush()
    {
        if (_flushedOffset == _offset) return;
        _file.Flush();
        Flushes++;
        _flushedOffset = _offset;
        _durable = _next;
    }

    /// <summary>Removes what a durable snapshot, named by a durable record, makes unnecessary.</summary>
    public void Drop(in SnapshotReference snapshot)
    {
        var oldest = snapshot.OldestSegment;
        while (_segments[0].Segment < oldest)
        {
            _storage.Delete(FileNames.OfSegment(_segments[0].Segment));
            _segments.RemoveAt(0);
        }

        foreach (var name in _storage.List())
        {
            if (FileNames.IsSnapshot(name, out var sequence) && sequence < snapshot.Sequence.Value) _storage.Delete(name);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _maker.Dispose();
    }

    private void Roll(int bytes)
    {
        Flush();
        var (file, head, offset) = _maker.Make(_head.Segment + 1, Epoch, _next, _views, bytes);
        _file.Dispose();
        _closedBytes += _head.Length;
        (_file, _head, _offset) = (file, head, offset);
        OnSegment();
    }

    private void OnSegment()
    {
        _segments.Add((_head.Segment, 0));
        _next += _head.Repeats;
        _durable = _next;
        _flushedOffset = _offset;
    }

    private void OnWritten(in RecordBuffer.Pending record, ReadOnlySpan<byte> body)
    {
        if (JournalFacts.CountsAsSequence(record.Kind) && record.Sequence > _segments[^1].Highest) _segments[^1] = (_head.Segment, record.Sequence);
        _views.Note(record.Kind, body);
    }

    /// <summary>Fills in which segments are needed beside the snapshot: from the first on that has anything beyond it.</summary>
    private SnapshotReference Complete(RecordBuffer buffer, int index)
    {
        var body = buffer.BodyOf(index);
        var reference = SnapshotReference.Read(body);
        var oldest = _segments[^1].Segment;
        foreach (var (segment, highest) in _segments)
        {
            if (highest <= reference.Sequence.Value) continue;
            oldest = segment;
            break;
        }

        reference = reference with { OldestSegment = oldest };
        reference.Write(body);
        buffer.Seal(index);
        return reference;
    }
}
