using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Writing;

/// <summary>Makes segments: filled with zeroes, with head and repeated records, durable, and only then under their name.</summary>
/// <remarks>
/// They are filled, and not only given their length, because only then does an append change nothing but contents: a flush is several times
/// faster, and finds no disk full (ADR 0011). With threads, the next file is filled while the current one is in use.
/// </remarks>
internal sealed class SegmentMaker(IJournalStorage storage, ClusterId cluster, ReplicaId replica, JournalOptions options) : IDisposable
{
    private const int ZeroesBytes = 1 << 20;
    private const string SpareName = "spare";

    private Task<IJournalFile?>? _spare;

    /// <summary>Makes a segment with room for at least so many bytes.</summary>
    /// <returns>The file, its head, and where the first record goes that is not repeated.</returns>
    /// <exception cref="StorageFullException">There is no room.</exception>
    public (IJournalFile File, SegmentHead Head, long Offset) Make(long number, long epoch, long first, ViewRecords views, int bytes)
    {
        var start = Begin(views, out var repeats);
        var needed = start.Length + (long)bytes;
        var length = needed <= options.SegmentBytes ? options.SegmentBytes : (needed + SegmentHead.Bytes - 1) / SegmentHead.Bytes * SegmentHead.Bytes;
        var head = new SegmentHead(cluster, replica, epoch, number, first, length, options.DrawNonce(), repeats);
        Fill(start, head, views);

        var name = FileNames.OfSegment(number);
        var unfinished = FileNames.Unfinished(name);
        IJournalFile? file = null;
        try
        {
            file = (length == options.SegmentBytes ? TakeSpare(unfinished) : null) ?? MakeBlank(unfinished, length);
            file.Write(0, start);
            file.Flush();
            storage.Rename(unfinished, name);
            storage.FlushDirectory();
        }
        catch (StorageFullException)
        {
            file?.Dispose();
            storage.Delete(unfinished);
            throw;
        }

        if (!options.Inline) _spare = Task.Run(MakeSpare);
        return (file, head, start.Length);
    }

    public void Dispose()
    {
        if (_spare is null) return;
        _spare.GetAwaiter().GetResult()?.Dispose(); // filling a file can not be broken off
        _spare = null;
        storage.Delete(FileNames.Unfinished(SpareName));
    }

    private static byte[] Begin(ViewRecords views, out int repeats)
    {
        var length = (long)SegmentHead.Bytes;
        repeats = 0;
        foreach (var (_, body) in views.All())
        {
            length += RecordHead.FrameBytesOf(body.Length);
            repeats++;
        }

        return new byte[length];
    }

    private static void Fill(byte[] start, in SegmentHead head, ViewRecords views)
    {
        head.Write(start);
        var rest = start.AsSpan(SegmentHead.Bytes);
        var number = head.First;
        foreach (var (kind, body) in views.All())
        {
            var frameBytes = (int)RecordHead.FrameBytesOf(body.Length);
            body.CopyTo(rest[RecordHead.Bytes..]);
            var checksum = Crc32C.Of(rest[RecordHead.Bytes..frameBytes]);
            new RecordHead((byte)(kind | RecordKinds.Repeated), body.Length, checksum, number++, head.First).Write(rest, head.Nonce);
            rest = rest[frameBytes..];
        }
    }

    private IJournalFile MakeBlank(string name, long length)
    {
        var file = storage.Create(name);
        try
        {
            var zeroes = new byte[Math.Min(ZeroesBytes, length)];
            for (var offset = 0L; offset < length; offset += zeroes.Length) file.Write(offset, zeroes.AsSpan(0, (int)Math.Min(zeroes.Length, length - offset)));
            return file;
        }
        catch (IOException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file that was filled meanwhile, under its new name; null where there is none.</summary>
    private IJournalFile? TakeSpare(string name)
    {
        var spare = _spare?.GetAwaiter().GetResult(); // begun a whole segment ago
        _spare = null;
        if (spare is not null) storage.Rename(FileNames.Unfinished(SpareName), name);
        return spare;
    }

    private IJournalFile? MakeSpare()
    {
        IJournalFile? file = null;
        try
        {
            file = MakeBlank(FileNames.Unfinished(SpareName), options.SegmentBytes);
            file.Flush();
            return file;
        }
        catch (IOException)
        {
            // Whatever it is, it is met again where the segment is made that this was to save time for, and said there.
            file?.Dispose();
            return null;
        }
    }
}
