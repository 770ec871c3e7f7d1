using System.Text;

namespace OrleansPbft.Client;

/// <summary>Takes a stream of server-sent events apart, as the WHATWG's HTML standard describes it, within a bounded room.</summary>
/// <param name="stream">Read from where it stands; not disposed.</param>
internal sealed class EventStreamReader(Stream stream)
{
    /// <summary>The longest line, and the most data of one event, in bytes.</summary>
    public const int BytesMax = 1 << 20;

    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>The next event; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="BytesMax"/>.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public async ValueTask<(string Name, byte[] Data)?> ReadAsync(CancellationToken cancellationToken)
    {
        var name = "message";
        var data = new MemoryStream();
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0) return (name, data.ToArray()[..^1]);
                name = "message";
                continue;
            }

            var colon = line.Span.IndexOf((byte)':');
            var field = Encoding.UTF8.GetString(colon < 0 ? line.Span : line.Span[..colon]);
            var value = colon < 0 ? default : line[(colon + 1)..];
            if (value.Length > 0 && value.Span[0] == ' ') value = value[1..];
            if (field == "event") name = Encoding.UTF8.GetString(value.Span);
            if (field != "data") continue;
            if (data.Length + value.Length > BytesMax) throw new InvalidDataException("The event is too long.");
            data.Write(value.Span);
            data.WriteByte((byte)'\n');
        }

        return null;
    }

    /// <summary>The next line without its end, valid until the next call; null where there is none that has an end.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0) return null;
            _end += read;
        }
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end < _buffer.Length) return;
        if (_buffer.Length >= BytesMax) throw new InvalidDataException("The line is too long.");
        Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
