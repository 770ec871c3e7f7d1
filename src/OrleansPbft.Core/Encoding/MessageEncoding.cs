using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OrleansPbft.Core;

/// <summary>The canonical bodies of all messages, written and read (docs/wire-format.md). Reading trusts nothing and copies nothing.</summary>
/// <remarks>A body never repeats its sender: the only identity is the one the envelope's seal proves (rule A-1, LESSONS B5).</remarks>
public static partial class MessageEncoding
{
    /// <summary>Bytes of a PRE-PREPARE's, PREPARE's or COMMIT's body: view ‖ sequence ‖ digest.</summary>
    public const int ProposalBodyBytes = sizeof(long) + sizeof(long) + Digest.Bytes;

    /// <summary>Bytes of a CHECKPOINT's body: sequence ‖ digest.</summary>
    public const int CheckpointBodyBytes = sizeof(long) + Digest.Bytes;

    /// <summary>Bytes of a STATUS's body: view ‖ active ‖ stable checkpoint ‖ last executed ‖ highest prepared ‖ life ‖ echo ‖ vouches.</summary>
    public const int StatusBodyBytes = (6 * sizeof(long)) + (2 * sizeof(byte));

    /// <summary>Bytes of a SUSPECT's body: view.</summary>
    public const int SuspectBodyBytes = sizeof(long);

    /// <summary>Bytes of a FETCH-BATCH's and a BATCH's body: sequence ‖ digest.</summary>
    public const int BatchBodyBytes = sizeof(long) + Digest.Bytes;

    /// <summary>Bytes of a REPLY's body beside its results.</summary>
    public const int ReplyBodyBytesMin = (5 * sizeof(long)) + ClientId.Bytes + sizeof(byte) + sizeof(uint);

    /// <summary>Bytes of a REQUEST's body beside its operations.</summary>
    public const int RequestBodyBytesMin = (2 * sizeof(long)) + sizeof(uint);

    /// <summary>Bytes an operation takes in a REQUEST or READ beside its own.</summary>
    public const int OperationHeaderBytes = sizeof(uint);

    /// <summary>Bytes of the envelope of a REQUEST of <paramref name="operations"/> operations, <paramref name="operationBytes"/> bytes long together.</summary>
    public static long RequestEnvelopeBytes(int operations, long operationBytes) =>
        EnvelopeEncoding.SignedBytes(MessageKind.Request) + RequestBodyBytesMin + ((long)operations * OperationHeaderBytes) + operationBytes;

    /// <summary>The most bytes a body of this kind takes.</summary>
    public static int BodyBytesMax(MessageKind kind, WireLimits limits) => kind switch
    {
        MessageKind.Request or MessageKind.Read => limits.RequestBytesMax - EnvelopeEncoding.SignedBytes(kind),
        MessageKind.PrePrepare or MessageKind.Prepare or MessageKind.Commit => ProposalBodyBytes,
        MessageKind.Checkpoint => CheckpointBodyBytes,
        MessageKind.Reply => ReplyBodyBytesMin + limits.ResultsBytesMax,
        MessageKind.Status => StatusBodyBytes,
        MessageKind.Suspect => SuspectBodyBytes,
        MessageKind.ViewChange => limits.ViewChangeBodyBytesMax,
        MessageKind.NewView => limits.NewViewBodyBytesMax,
        MessageKind.FetchBatch or MessageKind.Batch => BatchBodyBytes,
        MessageKind.FetchChunks => ChunkEncoding.FetchBytes(Core.FetchChunks.IdsMax),
        MessageKind.Chunks => limits.ChunksBodyBytesMax,
        MessageKind.ReadReply => ReadReplyBodyBytesMin + limits.ResultsBytesMax,
        MessageKind.SessionKey => EnvelopeEncoding.SessionKeyBodyBytes,
        MessageKind.Pack => EnvelopeEncoding.PackBodyBytesMax,
        _ => 0,
    };

    /// <summary>Writes the body of a PRE-PREPARE, PREPARE or COMMIT.</summary>
    public static void WriteProposal(ref WireWriter writer, View view, SequenceNumber sequence, in Digest digest)
    {
        writer.WriteInt64(view.Number);
        writer.WriteInt64(sequence.Value);
        writer.WriteDigest(digest);
    }

    /// <summary>Writes the body of a REPLY.</summary>
    public static void WriteReply(ref WireWriter writer, Reply reply)
    {
        writer.WriteInt64(reply.View.Number);
        writer.WriteIdentifier(reply.Request.Client.Value);
        writer.WriteInt64(reply.Request.Session.Value);
        writer.WriteInt64(reply.Request.Number);
        writer.WriteInt64(reply.Session.Value);
        writer.WriteInt64(reply.Sequence.Value);
        writer.WriteByte((byte)reply.Status);
        writer.WriteLength(reply.Results.Length);
        writer.WriteBytes(reply.Results.Span);
    }

    /// <summary>Writes the body of a REQUEST.</summary>
    public static void WriteRequest(ref WireWriter writer, SessionId session, long number, scoped ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        writer.WriteInt64(session.Value);
        writer.WriteInt64(number);
        WriteOperations(ref writer, operations);
    }

    /// <summary>Reads the body of any message in which no other is nested: not of a REQUEST, READ, PRE-PREPARE, BATCH or NEW-VIEW. The caller has verified the seal.</summary>
    public static RejectReason TryRead(in EnvelopeFrame frame, WireLimits limits, out Input input)
    {
        input = default;
        switch (frame.Kind)
        {
            case MessageKind.Prepare or MessageKind.Commit:
                var reason = TryReadProposal(frame, out var view, out var sequence, out var digest);
                if (reason == RejectReason.None) input = Input.Of(new Vote((VotePhase)frame.Kind, view, sequence, digest, frame.Replica));
                return reason;
            case MessageKind.Checkpoint:
                return TryReadCheckpoint(frame, out input);
            case MessageKind.Status:
                return TryReadStatus(frame, out input);
            case MessageKind.Suspect:
                return TryReadSuspect(frame, out input);
            case MessageKind.FetchBatch:
                reason = TryReadBatchName(frame, out sequence, out digest);
                if (reason == RejectReason.None) input = Input.Of(new FetchBatch(sequence, digest, frame.Replica));
                return reason;
            case MessageKind.FetchChunks:
                reason = ChunkEncoding.TryRead(frame, limits, out FetchChunks? fetch);
                if (reason == RejectReason.None) input = Input.Of(fetch!);
                return reason;
            case MessageKind.Chunks:
                reason = ChunkEncoding.TryRead(frame, limits, out Chunks? chunks);
                if (reason == RejectReason.None) input = Input.Of(chunks!);
                return reason;
            case MessageKind.ViewChange:
                reason = ViewChangeEncoding.TryRead(frame, limits, out var viewChange);
                if (reason == RejectReason.None) input = Input.Of(viewChange!);
                return reason;
            case MessageKind.Reply:
                return TryReadReply(frame, limits, out input);
            case MessageKind.ReadReply:
                return TryReadReadReply(frame, limits, out input);
            default:
                return RejectReason.UnknownKind;
        }
    }

    /// <summary>Reads the body of a PRE-PREPARE, PREPARE or COMMIT. The caller has verified the seal.</summary>
    public static RejectReason TryReadProposal(in EnvelopeFrame frame, out View view, out SequenceNumber sequence, out Digest digest)
    {
        var reader = new WireReader(frame.Body);
        var ok = TryReadNumber(ref reader, min: 0, out var v) & TryReadNumber(ref reader, min: 1, out var n) & reader.TryReadDigest(out digest);
        view = new(v);
        sequence = new(n);
        return ok && reader.Remaining == 0 ? RejectReason.None : RejectReason.Malformed;
    }

    /// <summary>Reads the body of a FETCH-BATCH or a BATCH. The caller has verified the seal.</summary>
    public static RejectReason TryReadBatchName(in EnvelopeFrame frame, out SequenceNumber sequence, out Digest digest)
    {
        var reader = new WireReader(frame.Body);
        var ok = TryReadNumber(ref reader, min: 1, out var n) & reader.TryReadDigest(out digest);
        sequence = new(n);
        return ok && reader.Remaining == 0 ? RejectReason.None : RejectReason.Malformed;
    }

    /// <summary>Cuts a NEW-VIEW into what it says and the envelopes of its VIEW-CHANGEs, which are not looked into. The caller has verified the seal.</summary>
    public static RejectReason TryReadNewView(
        in EnvelopeFrame frame, WireLimits limits, out View view, out ViewChangeDecision? decision, out ImmutableArray<ReadOnlyMemory<byte>> envelopes) =>
        ViewChangeEncoding.TryRead(frame, limits, out view, out decision, out envelopes);

    /// <summary>Whether an envelope is a REQUEST that opens a session. Whether it is one at all, nobody has looked at yet.</summary>
    public static bool SaysToOpenSession(in EnvelopeFrame frame) =>
        frame.Kind == MessageKind.Request && new WireReader(frame.Body).TryReadInt64(out var session) && session == SessionId.None.Value;

    /// <summary>Reads a REQUEST. The caller has verified the seal, and computed who the client is from the key in the envelope.</summary>
    public static RejectReason TryReadRequest(in EnvelopeFrame frame, WireLimits limits, ClientId client, out Request? request, long keyEpoch = 0)
    {
        request = null;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 0, out var session)
            || !reader.TryReadInt64(out var number)
            || !reader.TryReadLength(out var count)) return RejectReason.Malformed;

        var opensSession = session == SessionId.None.Value;
        if (!IsRequestNumber(opensSession, number) || opensSession != (count == 0)) return RejectReason.Malformed;
        var reason = TryReadOperations(ref reader, count, limits, out var operations);
        if (reason == RejectReason.None) request = new(new(client, new(session), number), operations, frame.Envelope) { KeyEpoch = keyEpoch };
        return reason;
    }

    /// <summary>
    /// Whether a request may have this number: 1 or more; and no more than a sum can bear, unless it is the nonce of one that opens a
    /// session, which nobody counts with (rule C-2).
    /// </summary>
    public static bool IsRequestNumber(bool opensSession, long number) => number >= 1 && (opensSession || number <= WireLimits.NumberMax);

    private static void WriteOperations(ref WireWriter writer, scoped ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        writer.WriteLength(operations.Length);
        foreach (var operation in operations)
        {
            writer.WriteLength(operation.Length);
            writer.WriteBytes(operation.Span);
        }
    }

    /// <summary>Reads so many operations to the end of the body.</summary>
    private static RejectReason TryReadOperations(
        ref WireReader reader, uint count, WireLimits limits, out ImmutableArray<ReadOnlyMemory<byte>> operations)
    {
        operations = [];
        if (count > (uint)limits.OperationsMax) return RejectReason.TooLarge;
        if (count > (uint)(reader.Remaining / OperationHeaderBytes)) return RejectReason.Malformed; // before room is made for them

        var read = count == 0 ? [] : new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < read.Length; i++)
        {
            if (!reader.TryReadLength(out var length) || !reader.TryReadBytes(length, out read[i])) return RejectReason.Malformed;
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        operations = ImmutableCollectionsMarshal.AsImmutableArray(read);
        return RejectReason.None;
    }

    private static RejectReason TryReadCheckpoint(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 1, out var sequence)
            || !reader.TryReadDigest(out var digest)
            || reader.Remaining > 0) return RejectReason.Malformed;

        input = Input.Of(new Checkpoint(new(sequence), digest, frame.Replica));
        return RejectReason.None;
    }

    private static RejectReason TryReadStatus(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 0, out var view)
            || !reader.TryReadByte(out var active)
            || active > 1
            || !TryReadNumber(ref reader, min: 0, out var stableCheckpoint)
            || !TryReadNumber(ref reader, min: 0, out var lastExecuted)
            || !TryReadNumber(ref reader, min: 0, out var prepared)
            || !TryReadNumber(ref reader, min: 0, out var life)
            || !TryReadNumber(ref reader, min: 0, out var echo)
            || !reader.TryReadByte(out var vouches)
            || vouches > (echo > 0 ? 1 : 0)
            || reader.Remaining > 0) return RejectReason.Malformed;

        var status = new Status(new(view), active == 1, new(stableCheckpoint), new(lastExecuted), frame.Replica);
        input = Input.Of(status with { HighestPrepared = new(prepared), Life = life, Echo = echo, Vouches = vouches == 1 });
        return RejectReason.None;
    }

    private static RejectReason TryReadSuspect(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 0, out var view) || reader.Remaining > 0) return RejectReason.Malformed;
        input = Input.Of(new Suspect(new(view), frame.Replica, frame.Envelope));
        return RejectReason.None;
    }

    private static RejectReason TryReadReply(in EnvelopeFrame frame, WireLimits limits, out Input input)
    {
        input = default;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 0, out var view)
            || !reader.TryReadIdentifier(out var client)
            || !TryReadNumber(ref reader, min: 0, out var requestSession)
            || !reader.TryReadInt64(out var number)
            || !IsRequestNumber(requestSession == SessionId.None.Value, number)
            || !TryReadNumber(ref reader, min: 0, out var session)
            || !TryReadNumber(ref reader, min: 0, out var sequence)
            || !reader.TryReadByte(out var status)
            || (ReplyStatus)status is < ReplyStatus.Executed or > ReplyStatus.ResultDropped
            || !reader.TryReadLength(out var length)) return RejectReason.Malformed;
        if (length > (uint)limits.ResultsBytesMax) return RejectReason.TooLarge;
        if (!reader.TryReadBytes(length, out var results) || reader.Remaining > 0) return RejectReason.Malformed;

        var request = new RequestId(new(client), new(requestSession), number);
        input = Input.Of(new Reply(new(view), request, new(session), new(sequence), (ReplyStatus)status, results, frame.Replica));
        return RejectReason.None;
    }

    private static bool TryReadNumber(ref WireReader reader, long min, out long number) =>
        reader.TryReadInt64(out number) && number >= min && number <= WireLimits.NumberMax;
}
