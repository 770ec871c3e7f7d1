using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Reading;

/// <summary>A segment, read into memory: one walk over its records, from the first on.</summary>
internal sealed class SegmentFile
{
    private readonly byte[] _bytes;

    private SegmentFile(string name, SegmentHead head, byte[] bytes)
    {
        Name = name;
        Head = head;
        _bytes = bytes;
    }

    public string Name { get; }

    public SegmentHead Head { get; }

    /// <summary>Reads the file of a segment's number.</summary>
    /// <exception cref="JournalDamagedException">It has no head, or not its length.</exception>
    public static SegmentFile Read(IJournalStorage storage, long number)
    {
        var name = FileNames.OfSegment(number);
        var path = JournalLayout.PathOf(storage, name);
        using var file = storage.Open(name);
        var bytes = new byte[file.Length];
        var read = file.Read(0, bytes);
        if (SegmentHead.Read(bytes.AsSpan(0, read), out var problem) is not { } head) throw new JournalDamagedException(path, 0, problem);
        if (head.Segment != number) throw new JournalDamagedException(path, 0, $"the file is segment {head.Segment}, not {number}");
        if (head.Length != read) throw new JournalDamagedException(path, read, $"the file has {read} bytes, and had {head.Length} from the start");
        return new(name, head, bytes);
    }

    /// <summary>The records up to number <paramref name="end"/> or the first that is none, each with where it begins.</summary>
    public IEnumerable<(long Offset, RecordHead Head, ReadOnlyMemory<byte> Body)> Records(long end = long.MaxValue)
    {
        long offset = SegmentHead.Bytes;
        for (var number = Head.First; number < end && TryRead(offset, number, out var head, out var body); number++)
        {
            yield return (offset, head, body);
            offset += head.FrameBytes;
        }
    }

    /// <summary>The highest number of a record that anything at or behind <paramref name="offset"/> proves to have been reached durably; 0 where nothing does.</summary>
    /// <remarks>Every place where a record can begin is looked at: one that is not what it was says nothing of where the next begins.</remarks>
    public long DurableBehind(long offset)
    {
        var durable = 0L;
        for (; offset + RecordHead.Bytes <= _bytes.Length; offset += 8)
        {
            if (RecordHead.TryRead(_bytes.AsSpan((int)offset), Head.Nonce, out var head)) durable = Math.Max(durable, head.Durable);
        }

        return durable;
    }

    /// <summary>Whether nothing but zeroes follows.</summary>
    public bool IsBlankFrom(long offset) => !_bytes.AsSpan((int)offset).ContainsAnyExcept((byte)0);

    private bool TryRead(long offset, long number, out RecordHead head, out ReadOnlyMemory<byte> body) =>
        RecordHead.TryReadFrame(_bytes, offset, Head.Nonce, out head, out body) && head.Number == number;
}
