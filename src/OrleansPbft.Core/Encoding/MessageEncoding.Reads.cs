namespace OrleansPbft.Core;

/// <content>READ and READ-REPLY (rule C-7).</content>
public static partial class MessageEncoding
{
    /// <summary>Bytes of a READ's body beside its operations.</summary>
    public const int ReadBodyBytesMin = sizeof(long) + sizeof(uint);

    /// <summary>Bytes of a READ-REPLY's body beside its results.</summary>
    public const int ReadReplyBodyBytesMin = (4 * sizeof(long)) + ClientId.Bytes + sizeof(byte) + sizeof(uint);

    /// <summary>Bytes of the envelope of a READ of <paramref name="operations"/> operations, <paramref name="operationBytes"/> bytes long together.</summary>
    public static long ReadEnvelopeBytes(int operations, long operationBytes) =>
        EnvelopeEncoding.SignedBytes(MessageKind.Read) + ReadBodyBytesMin + ((long)operations * OperationHeaderBytes) + operationBytes;

    /// <summary>Writes the body of a READ.</summary>
    public static void WriteRead(ref WireWriter writer, long number, scoped ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        writer.WriteInt64(number);
        WriteOperations(ref writer, operations);
    }

    /// <summary>Writes the body of a READ-REPLY.</summary>
    public static void WriteReadReply(ref WireWriter writer, ReadReply reply)
    {
        writer.WriteInt64(reply.View.Number);
        writer.WriteIdentifier(reply.Client.Value);
        writer.WriteInt64(reply.Number);
        writer.WriteInt64(reply.Executed.Value);
        writer.WriteInt64(reply.Prepared.Value);
        writer.WriteByte((byte)reply.Status);
        writer.WriteLength(reply.Results.Length);
        writer.WriteBytes(reply.Results.Span);
    }

    /// <summary>Reads a READ. The caller has verified the seal, and computed who the client is from the key in the envelope.</summary>
    public static RejectReason TryReadRead(in EnvelopeFrame frame, WireLimits limits, ClientId client, out Read? read, long keyEpoch = 0)
    {
        read = null;
        var reader = new WireReader(frame.Body);
        if (!reader.TryReadInt64(out var number) || number < 1 || !reader.TryReadLength(out var count) || count == 0) return RejectReason.Malformed;
        var reason = TryReadOperations(ref reader, count, limits, out var operations);
        if (reason == RejectReason.None) read = new(client, number, operations, frame.Envelope) { KeyEpoch = keyEpoch };
        return reason;
    }

    private static RejectReason TryReadReadReply(in EnvelopeFrame frame, WireLimits limits, out Input input)
    {
        input = default;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 0, out var view)
            || !reader.TryReadIdentifier(out var client)
            || !reader.TryReadInt64(out var number)
            || number < 1
            || !TryReadNumber(ref reader, min: 0, out var executed)
            || !TryReadNumber(ref reader, min: 0, out var prepared)
            || !reader.TryReadByte(out var status)
            || (ReadStatus)status is < ReadStatus.Answered or > ReadStatus.Busy
            || !reader.TryReadLength(out var length)) return RejectReason.Malformed;
        if (length > (uint)limits.ResultsBytesMax) return RejectReason.TooLarge;
        if (!reader.TryReadBytes(length, out var results) || reader.Remaining > 0) return RejectReason.Malformed;

        input = Input.Of(new ReadReply(new(view), new(client), number, new(executed), new(prepared), (ReadStatus)status, results, frame.Replica));
        return RejectReason.None;
    }
}
