using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>What an envelope says it answers, read before anything is verified: most replies need no verification at all.</summary>
internal static class ReplyHeader
{
    /// <summary>Reads whose request a REPLY answers, or whose read a READ-REPLY; of a PACK, the first in it; of a SESSION-KEY, whom it is for. False when the
    /// envelope is none of these, or of another cluster. Proves nothing.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> envelope, WireLimits limits, ClusterId cluster, out MessageKind kind, out RequestId request)
    {
        request = default;
        kind = MessageKind.None;
        if (EnvelopeFrame.TryRead(envelope, limits, out var frame) != RejectReason.None
            || frame.Kind is not (MessageKind.Reply or MessageKind.ReadReply or MessageKind.Pack or MessageKind.SessionKey)
            || (frame.IsFromClient && frame.Kind != MessageKind.SessionKey)
            || frame.Cluster != cluster) return false;

        kind = frame.Kind;
        if (frame.IsFromClient)
        {
            request = new(ClientId.Of(frame.ClientKey.Span), SessionId.None, 0); // what it has said itself, and is shown again
            return true;
        }

        var reader = new WireReader(frame.Body);
        return kind switch
        {
            MessageKind.SessionKey => TryReadReceiver(ref reader, out request),
            MessageKind.Pack => reader.TryReadUInt16(out _) && reader.TryReadByte(out var first) && reader.TryReadLength(out _)
                && (MessageKind)first is MessageKind.Reply or MessageKind.ReadReply && TryReadRequest(ref reader, (MessageKind)first, out request),
            _ => TryReadRequest(ref reader, kind, out request),
        };
    }

    /// <summary>Whether any answer in a PACK is wanted, by what it says it is. Proves nothing.</summary>
    public static bool AnyInPack(ReadOnlyMemory<byte> envelope, WireLimits limits, Func<MessageKind, RequestId, bool> isWanted)
    {
        if (EnvelopeFrame.TryRead(envelope, limits, out var frame) != RejectReason.None || frame.Kind != MessageKind.Pack) return false;
        var reader = new WireReader(frame.Body);
        if (!reader.TryReadUInt16(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadByte(out var kind) || !reader.TryReadLength(out var length) || !reader.TryReadBytes(length, out var body)) return false;
            if ((MessageKind)kind is not (MessageKind.Reply or MessageKind.ReadReply)) continue;
            var one = new WireReader(body);
            if (TryReadRequest(ref one, (MessageKind)kind, out var request) && isWanted((MessageKind)kind, request)) return true;
        }

        return false;
    }

    private static bool TryReadReceiver(ref WireReader reader, out RequestId request)
    {
        var ok = reader.TryReadInt64(out _) & reader.TryReadBytes(PublicKey.Bytes, out _) & reader.TryReadIdentifier(out var client);
        request = new(new(client), SessionId.None, 0);
        return ok;
    }

    private static bool TryReadRequest(ref WireReader reader, MessageKind kind, out RequestId request)
    {
        request = default;
        if (!reader.TryReadInt64(out _) // the view
            || !reader.TryReadIdentifier(out var client)
            || !TryReadSession(ref reader, kind, out var session)
            || !reader.TryReadInt64(out var number)) return false;
        request = new(new(client), new(session), number);
        return true;
    }

    /// <summary>Whether an envelope says that a replica refuses a client's request or read, as Busy or because it is outside of its session's window, and whose.
    /// Proves nothing.</summary>
    public static bool IsRefusal(ReadOnlyMemory<byte> envelope, WireLimits limits, out ClientId client)
    {
        client = default;
        if (EnvelopeFrame.TryRead(envelope, limits, out var frame) != RejectReason.None || frame.Kind is not (MessageKind.Reply or MessageKind.ReadReply)) return false;
        var reader = new WireReader(frame.Body);
        if (!reader.TryReadInt64(out _) || !reader.TryReadIdentifier(out var identifier)) return false; // the view, the client
        var isReply = frame.Kind == MessageKind.Reply;
        for (var i = isReply ? 0 : 1; i < 4; i++)
        {
            if (!reader.TryReadInt64(out _)) return false; // which request, and where it was answered; a read has no session
        }

        if (!reader.TryReadByte(out var status)) return false;
        client = new(identifier);
        return isReply ? (ReplyStatus)status is ReplyStatus.Busy or ReplyStatus.AboveWindow or ReplyStatus.BelowWindow : (ReadStatus)status == ReadStatus.Busy;
    }

    private static bool TryReadSession(ref WireReader reader, MessageKind kind, out long session)
    {
        session = SessionId.None.Value; // reads have none
        return kind == MessageKind.ReadReply || reader.TryReadInt64(out session);
    }
}
