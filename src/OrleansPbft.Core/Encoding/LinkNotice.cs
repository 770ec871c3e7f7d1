namespace OrleansPbft.Core;

/// <summary>What a silo tells a client on their link that no replica has sealed: that the client is not served (docs/wire-format.md).</summary>
/// <remarks>It has the place of an envelope in a frame of a replica that no cluster has. It proves nothing: who is told so by one silo may be lied to.</remarks>
public static class LinkNotice
{
    /// <summary>The number of a replica that no cluster has.</summary>
    public const byte Replica = byte.MaxValue;

    /// <summary>Bytes of a notice.</summary>
    public const int Bytes = 1 + ClientId.Bytes;

    private const byte NotListed = 1;

    /// <summary>The notice that a client is not on the list of those that are served.</summary>
    public static byte[] OfNotListed(ClientId client)
    {
        var notice = new byte[Bytes];
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
        if (!ahead.TryReadLength(out var length) || length != Bytes
            || !ahead.TryReadByte(out var replica) || replica != Replica
            || !ahead.TryReadByte(out var kind) || kind != NotListed
            || !ahead.TryReadIdentifier(out var id)) return false;
        client = new(id);
        reader = ahead;
        return true;
    }
}
