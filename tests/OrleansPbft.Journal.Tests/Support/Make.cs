using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Journal.Tests;

/// <summary>Messages with envelopes as on the wire, but for their signatures, which a journal does not look at.</summary>
internal static class Make
{
    public static readonly ClusterId Cluster = new(42);

    public static readonly Instant Noon = new(1_700_000_000_000_000);

    public static readonly byte[] ClientKey = [.. Enumerable.Range(1, EnvelopeEncoding.KeyBytes).Select(static i => (byte)i)];

    public static Request Open() => Request(session: 0, number: 7);

    public static Request Put(long number, string key, int valueBytes = 20) =>
        Request(session: 1, number, KeyValueOperation.Put(key, [.. Enumerable.Range(0, valueBytes).Select(i => (byte)(i + number))]));

    public static Request Request(long session, long number, params ReadOnlyMemory<byte>[] operations)
    {
        var bodyBytes = MessageEncoding.RequestBodyBytesMin + operations.Sum(static one => MessageEncoding.OperationHeaderBytes + one.Length);
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Request) + bodyBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, Cluster, ClientKey, bodyBytes);
        MessageEncoding.WriteRequest(ref writer, new(session), number, operations);
        writer.WriteByte((byte)SealType.Signature);
        return new(new(ClientId.Of(ClientKey), new(session), number), [.. operations], envelope);
    }

    public static PrePrepare PrePrepare(long sequence, params Request[] requests) =>
        new(View.Initial, new(sequence), BatchEncoding.Encode(Noon.Plus(TimeSpan.FromMilliseconds(sequence)), [.. requests]), new(0));

    public static JournalRecord PrePrepared(PrePrepare proposal) => new(JournalRecordKind.PrePrepared, proposal.View, proposal.Sequence, proposal.Digest, proposal);

    public static JournalRecord Prepared(long sequence, long view = 0) =>
        new(JournalRecordKind.Prepared, new(view), new(sequence), Digest.Of(BitConverter.GetBytes(sequence)), null);

    /// <summary>The message as it arrives: with an envelope.</summary>
    public static IPeerMessage Sealed(IPeerMessage message) => message switch
    {
        PrePrepare { Envelope.IsEmpty: true } p => new PrePrepare(p.View, p.Sequence, p.Batch, p.Sender, Envelope(p)),
        Suspect { Envelope.IsEmpty: true } s => s with { Envelope = Envelope(s) },
        ViewChange { Envelope.IsEmpty: true } v => Sealed(v),
        NewView { Envelope.IsEmpty: true } v => Sealed(v.WithSealed(Sealed)),
        _ => message,
    };

    public static ViewChange Sealed(ViewChange v) => new(v.View, v.StableCheckpoint, v.Checkpoints, v.Prepared, v.PrePrepared, v.Sender, Envelope(v));

    /// <summary>All that a record says, as bytes.</summary>
    public static string Describe(in JournalRecord record)
    {
        var subject = record.Subject switch
        {
            PrePrepare p => $"{p.Sender} {Convert.ToHexString(p.Batch.Encoding.Span)} {Convert.ToHexString(p.Envelope.Span)} {string.Join(',', p.Batch.Requests)}",
            ViewChange v => $"{v} {v.Sender} {Convert.ToHexString(v.Envelope.Span)} {Body(v)}",
            NewView v => $"{v} {Convert.ToHexString(v.Envelope.Span)} {string.Join(';', v.ViewChanges.Select(one => Convert.ToHexString(one.Envelope.Span) + Body(one)))}",
            StateSnapshot s => $"{s.Sequence} {s.Digest}",
            ReplicaLives l => $"{l} {string.Join(',', l.Known)}",
            _ => "",
        };
        return $"{record.Kind} {record.View} {record.Sequence} {record.Digest.ToHex()} {subject}";
    }

    private static NewView Sealed(NewView v) => new(v.View, v.ViewChanges, v.Decision, v.Sender, Envelope(v));

    private static string Body(ViewChange message)
    {
        var bytes = new byte[message.BodyBytes];
        var writer = new WireWriter(bytes);
        message.WriteBody(ref writer);
        return Convert.ToHexString(bytes);
    }

    private static byte[] Envelope(IPeerMessage message)
    {
        var hasPayload = EnvelopeFrame.HasPayload(message.Kind);
        var envelope = new byte[EnvelopeEncoding.SignedBytes(message.Kind) + message.BodyBytes + (hasPayload ? sizeof(uint) + message.Payload.Length : 0)];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, message.Kind, Cluster, message.Sender, message.BodyBytes);
        message.WriteBody(ref writer);
        writer.WriteByte((byte)SealType.Signature);
        writer.WriteBytes(new byte[EnvelopeEncoding.SignatureBytes]);
        if (!hasPayload) return envelope;
        writer.WriteLength(message.Payload.Length);
        writer.WriteBytes(message.Payload.Span);
        return envelope;
    }
}
