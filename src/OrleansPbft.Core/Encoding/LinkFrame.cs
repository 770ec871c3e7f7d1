namespace OrleansPbft.Core;

/// <summary>One envelope on a link between a client and a silo: length (u32) ‖ replica (u8) ‖ envelope (docs/wire-format.md).</summary>
/// <remarks>One binary message of the link holds one or more whole frames. The replica is where the envelope goes, towards the silo,
/// and where it comes from, towards the client: routing only. Who sealed the envelope is in the envelope.</remarks>
public static class LinkFrame
{
    /// <summary>Bytes of a frame before its envelope.</summary>
    public const int HeaderBytes = sizeof(uint) + sizeof(byte);

    /// <summary>The name of version 1 of these frames as a WebSocket subprotocol.</summary>
    public const string Subprotocol = "orleans-pbft.client.v1";

    /// <summary>The same with notices of traces towards the silo (<see cref="LinkNotice"/>); a client offers both, and a silo that knows this one takes it.</summary>
    public const string SubprotocolWithTraces = "orleans-pbft.client.v1.1";

    /// <summary>Where a silo serves clients.</summary>
    public const string ClientPath = "/pbft/v1/client";

    /// <summary>Bytes of a frame with an envelope of <paramref name="envelopeBytes"/> bytes.</summary>
    public static int BytesOf(int envelopeBytes) => HeaderBytes + envelopeBytes;

    /// <summary>Writes a frame.</summary>
    public static void Write(ref WireWriter writer, ReplicaId replica, scoped ReadOnlySpan<byte> envelope)
    {
        writer.WriteLength(envelope.Length);
        writer.WriteByte(checked((byte)replica.Index));
        writer.WriteBytes(envelope);
    }

    /// <summary>Reads the next frame of a message; its envelope is a slice of the message. After any reason but
    /// <see cref="RejectReason.None"/> nothing can be said of the bytes that follow.</summary>
    /// <param name="reader">At the start of a frame.</param>
    /// <param name="replicas">n: a frame of any other replica is refused.</param>
    /// <param name="envelopeBytesMax">A longer envelope is refused.</param>
    /// <param name="replica">The frame's replica.</param>
    /// <param name="envelope">The frame's envelope, unchecked.</param>
    public static RejectReason TryRead(
        ref WireReader reader, int replicas, int envelopeBytesMax, out ReplicaId replica, out ReadOnlyMemory<byte> envelope)
    {
        replica = default;
        envelope = default;
        if (!reader.TryReadLength(out var length)) return RejectReason.Truncated;
        if (length > (uint)envelopeBytesMax) return RejectReason.TooLarge;
        if (!reader.TryReadByte(out var index)) return RejectReason.Truncated;
        if (index >= replicas) return RejectReason.SenderNotInCluster;
        if (!reader.TryReadBytes(length, out envelope)) return RejectReason.Truncated;
        replica = new(index);
        return RejectReason.None;
    }
}
