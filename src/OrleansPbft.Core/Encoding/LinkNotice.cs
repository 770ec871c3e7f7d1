namespace OrleansPbft.Core;

/// <summary>What one end of a link tells the other that nobody has sealed: that a client is not served, or what trace the next envelope
/// belongs to (docs/wire-format.md).</summary>
/// <remarks>It has the place of an envelope in a frame of a replica that no cluster has. It proves nothing: who is told something so may be lied to.</remarks>
public static class LinkNotice
{
    /// <summary>The number of a replica that no cluster has.</summary>
    public const byte Replica = byte.MaxValue;

    private const int NotListedBytes = 1 + ClientId.Bytes;
    private const int TraceParentLength = 55;
    private const int TraceBytes = 1 + TraceParentLength;
    private const byte NotListed = 1;
    private const byte Trace = 2;

    /// <summary>The notice that a client is not on the list of those that are served.</summary>
    public static byte[] OfNotListed(ClientId client)
    {
        var notice = new byte[NotListedBytes];
        var writer = new WireWriter(notice);
        writer.WriteByte(NotListed);
        writer.WriteIdentifier(client.Value);
        return notice;
    }

    /// <summary>Reads the next frame of a message if it is the notice that a client is not listed; else false, and nothing is read.</summary>
    public static bool TryReadNotListed(ref WireReader reader, out ClientId client)
    {
        client = default;
        var ahead = reader;
        if (!ahead.TryReadLength(out var length) || length != NotListedBytes
            || !ahead.TryReadByte(out var replica) || replica != Replica
            || !ahead.TryReadByte(out var kind) || kind != NotListed
            || !ahead.TryReadIdentifier(out var id)) return false;
        client = new(id);
        reader = ahead;
        return true;
    }

    /// <summary>The notice that the next envelope belongs to a trace; null where this is no W3C trace context.</summary>
    public static byte[]? OfTrace(string traceParent)
    {
        if (traceParent.Length != TraceParentLength) return null;
        var notice = new byte[TraceBytes];
        notice[0] = Trace;
        return System.Text.Ascii.FromUtf16(traceParent, notice.AsSpan(1), out _) == System.Buffers.OperationStatus.Done ? notice : null;
    }

    /// <summary>Reads the next frame of a message if it is the notice of a trace; else false, and nothing is read.</summary>
    public static bool TryReadTrace(ref WireReader reader, out string? traceParent)
    {
        traceParent = null;
        var ahead = reader;
        if (!ahead.TryReadLength(out var length) || length != TraceBytes
            || !ahead.TryReadByte(out var replica) || replica != Replica
            || !ahead.TryReadByte(out var kind) || kind != Trace
            || !ahead.TryReadBytes(TraceParentLength, out var text)) return false;
        if (text.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return false; // what is shown to people steers no terminal
        traceParent = System.Text.Encoding.ASCII.GetString(text.Span);
        reader = ahead;
        return true;
    }
}
