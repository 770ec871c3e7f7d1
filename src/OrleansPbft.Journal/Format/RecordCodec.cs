using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Format;

/// <summary>The bodies of a replica's records: view (i64) ‖ sequence (i64) ‖ digest (32 bytes) ‖ the message, as its envelope (docs/wire-format.md), or the lives.</summary>
/// <remarks>
/// What has no seal yet, because it is this replica's own, has an envelope of seal type 0: the replica seals it again where it sends it again. What
/// is read was verified before it was written, so signatures are not verified again; digests of batches are.
/// </remarks>
internal sealed class RecordCodec(ClusterId cluster)
{
    /// <summary>Bytes before the message.</summary>
    public const int HeadBytes = (2 * sizeof(long)) + Digest.Bytes;

    private const int NoSealBytes = sizeof(byte);

    // Whatever options allowed when it was written can be read: how long anything is, the record says.
    private static readonly WireLimits Limits = new(new()
    {
        Cluster = new(ClusterSize.ReplicasMax),
        CheckpointInterval = 1,
        LogWindow = 16_384,
        BatchMax = 65_535,
        BatchBytesMax = 128 << 20,
        RequestBytesMax = 64 << 20,
        OperationsMax = 65_535,
    });

    /// <summary>The message of a record with its envelope's length; null where it has none.</summary>
    public IPeerMessage? MessageOf(in JournalRecord record, out int bodyBytes)
    {
        var message = record.Subject switch
        {
            PrePrepare proposal => proposal,
            ViewChange viewChange => viewChange,
            NewView { Envelope.IsEmpty: true } own => own.WithSealed(Unsealed), // its own VIEW-CHANGE among them has no envelope either
            NewView newView => newView,
            _ => (IPeerMessage?)null,
        };
        bodyBytes = HeadBytes + (message is null
            ? (record.Subject as ReplicaLives)?.EncodedBytes ?? 0
            : EnvelopeOf(message) is { IsEmpty: false } envelope ? envelope.Length : UnsealedBytes(message));
        return message;
    }

    /// <summary>Writes a record's body; <paramref name="message"/> is what <see cref="MessageOf"/> said.</summary>
    public void Write(Span<byte> destination, in JournalRecord record, IPeerMessage? message)
    {
        var writer = new WireWriter(destination);
        writer.WriteInt64(record.View.Number);
        writer.WriteInt64(record.Sequence.Value);
        writer.WriteDigest(record.Digest);
        if (record.Subject is ReplicaLives lives) lives.Write(ref writer);
        if (message is null) return;
        if (EnvelopeOf(message) is { IsEmpty: false } envelope) writer.WriteBytes(envelope.Span);
        else WriteUnsealed(ref writer, message);
    }

    /// <summary>Reads view, sequence and digest.</summary>
    public static bool TryReadHead(JournalRecordKind kind, ReadOnlyMemory<byte> body, out JournalRecord record)
    {
        record = default;
        var reader = new WireReader(body);
        if (!reader.TryReadInt64(out var view) || !reader.TryReadInt64(out var sequence) || !reader.TryReadDigest(out var digest)) return false;
        record = new(kind, new(view), new(sequence), digest, Subject: null);
        return view >= 0 && sequence >= 0;
    }

    /// <summary>Reads a record of a replica; what is in it slices <paramref name="body"/>. False where it is none that was ever written.</summary>
    public bool TryRead(JournalRecordKind kind, ReadOnlyMemory<byte> body, out JournalRecord record)
    {
        if (!TryReadHead(kind, body, out record)) return false;
        var envelope = body[HeadBytes..];
        if (envelope.IsEmpty) return kind is JournalRecordKind.Prepared or JournalRecordKind.Committed or JournalRecordKind.StableCheckpoint;
        if (kind == JournalRecordKind.Lives)
        {
            record = record with { Subject = ReplicaLives.Read(envelope) };
            return record.Subject is not null;
        }

        if (EnvelopeFrame.TryRead(envelope, Limits, out var frame) != RejectReason.None || frame.Cluster != cluster) return false;

        object? subject = kind switch
        {
            JournalRecordKind.PrePrepared => ReadProposal(frame, record),
            JournalRecordKind.ViewLeft => ReadViewChange(frame, record.View),
            JournalRecordKind.ViewEntered => ReadNewView(frame, record.View),
            _ => null,
        };
        record = record with { Subject = subject };
        return subject is not null;
    }

    private static ReadOnlyMemory<byte> EnvelopeOf(IPeerMessage message) => message switch
    {
        PrePrepare proposal => proposal.Envelope,
        ViewChange viewChange => viewChange.Envelope,
        NewView newView => newView.Envelope,
        _ => default,
    };

    private static ReadOnlyMemory<byte> EnvelopeIn(in EnvelopeFrame frame) => frame.SealType == SealType.None ? default : frame.Envelope;

    private static PrePrepare? ReadProposal(in EnvelopeFrame frame, in JournalRecord record)
    {
        if (frame.Kind != MessageKind.PrePrepare
            || MessageEncoding.TryReadProposal(frame, out var view, out var sequence, out var digest) != RejectReason.None
            || (view, sequence, digest) != (record.View, record.Sequence, record.Digest)
            || BatchEncoding.DigestOf(frame.Payload.Span) != digest
            || BatchEncoding.TryRead(frame.Payload, Limits, out var timestamp, out var envelopes) != RejectReason.None) return null;

        var requests = envelopes.IsEmpty ? [] : new Request[envelopes.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            if (EnvelopeFrame.TryRead(envelopes[i], Limits, out var nested) != RejectReason.None
                || !nested.IsFromClient
                || nested.Kind != MessageKind.Request
                || MessageEncoding.TryReadRequest(nested, Limits, ClientId.Of(nested.ClientKey.Span), out var request) != RejectReason.None) return null;
            requests[i] = request!; // there where the reason is None
        }

        var batch = new Batch(timestamp, ImmutableCollectionsMarshal.AsImmutableArray(requests), frame.Payload, digest);
        return new(view, sequence, batch, frame.Replica, EnvelopeIn(frame));
    }

    private static ViewChange? ReadViewChange(in EnvelopeFrame frame, View view)
    {
        if (frame.Kind != MessageKind.ViewChange
            || MessageEncoding.TryRead(frame, Limits, out var input) != RejectReason.None
            || input.ViewChange is not { } read
            || read.View != view) return null;
        return new(read.View, read.StableCheckpoint, read.Checkpoints, read.Prepared, read.PrePrepared, read.Sender, EnvelopeIn(frame));
    }

    private static NewView? ReadNewView(in EnvelopeFrame frame, View expected)
    {
        if (frame.Kind != MessageKind.NewView
            || MessageEncoding.TryReadNewView(frame, Limits, out var view, out var decision, out var envelopes) != RejectReason.None
            || view != expected) return null;

        var viewChanges = new ViewChange[envelopes.Length];
        for (var i = 0; i < viewChanges.Length; i++)
        {
            if (EnvelopeFrame.TryRead(envelopes[i], Limits, out var nested) != RejectReason.None || ReadViewChange(nested, view) is not { } one) return null;
            viewChanges[i] = one;
        }

        return new(view, ImmutableCollectionsMarshal.AsImmutableArray(viewChanges), decision!, frame.Replica, EnvelopeIn(frame));
    }

    private static int UnsealedBytes(IPeerMessage message) =>
        EnvelopeEncoding.HeaderBytes(message.Kind) + message.BodyBytes + NoSealBytes
        + (EnvelopeFrame.HasPayload(message.Kind) ? sizeof(uint) + message.Payload.Length : 0);

    private ViewChange Unsealed(ViewChange own)
    {
        var envelope = new byte[UnsealedBytes(own)];
        var writer = new WireWriter(envelope);
        WriteUnsealed(ref writer, own);
        return new(own.View, own.StableCheckpoint, own.Checkpoints, own.Prepared, own.PrePrepared, own.Sender, envelope);
    }

    private void WriteUnsealed(ref WireWriter writer, IPeerMessage message)
    {
        EnvelopeEncoding.WriteHeader(ref writer, message.Kind, cluster, message.Sender, message.BodyBytes);
        message.WriteBody(ref writer);
        writer.WriteByte((byte)SealType.None);
        if (!EnvelopeFrame.HasPayload(message.Kind)) return;
        writer.WriteLength(message.Payload.Length);
        writer.WriteBytes(message.Payload.Span);
    }
}
