using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Network;

/// <summary>The real encoding with empty seals: believes every sender, at a hundredth of the cost. Its bytes are the same in every run.</summary>
internal sealed class PlainWire(ProtocolOptions options) : SimulatedWire
{
    private const int SealBytes = sizeof(byte);

    private readonly WireLimits _limits = new(options);
    private readonly Dictionary<int, (byte[] Key, ClientId Id)> _clients = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, ClientId> _ids = new(ByContent.Instance);

    public override ClusterId Cluster { get; } = new(42);

    public override bool IsSigned => false;

    public override ClientId ClientOf(int client) => Client(client).Id;

    public override byte[] Seal(in Vote vote) =>
        SealProposal((MessageKind)vote.Phase, vote.Sender, vote.View, vote.Sequence, vote.Digest, payload: default);

    public override byte[] Seal(PrePrepare proposal) =>
        SealProposal(MessageKind.PrePrepare, proposal.Sender, proposal.View, proposal.Sequence, proposal.Digest, proposal.Batch.Encoding);

    public override byte[] Seal(Checkpoint checkpoint)
    {
        var envelope = Start(MessageKind.Checkpoint, checkpoint.Sender, MessageEncoding.CheckpointBodyBytes, out var writer);
        MessageEncoding.WriteCheckpoint(ref writer, checkpoint);
        return envelope;
    }

    public override byte[] Seal(Status status)
    {
        var envelope = Start(MessageKind.Status, status.Sender, MessageEncoding.StatusBodyBytes, out var writer);
        MessageEncoding.WriteStatus(ref writer, status);
        return envelope;
    }

    public override byte[][] Seal(ReadOnlySpan<Reply> replies)
    {
        var envelopes = new byte[replies.Length][];
        for (var i = 0; i < envelopes.Length; i++)
        {
            envelopes[i] = Start(MessageKind.Reply, replies[i].Sender, MessageEncoding.ReplyBodyBytesMin + replies[i].Results.Length, out var writer);
            MessageEncoding.WriteReply(ref writer, replies[i]);
        }

        return envelopes;
    }

    public override Request SealRequest(int client, SessionId session, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        var body = MessageEncoding.RequestBodyBytesMin;
        foreach (var operation in operations) body += MessageEncoding.OperationHeaderBytes + operation.Length;
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Request) + body + SealBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, Cluster, Client(client).Key, body);
        MessageEncoding.WriteRequest(ref writer, session, number, operations);
        writer.WriteByte((byte)SealType.None);
        return new(new(ClientOf(client), session, number), [.. operations], envelope);
    }

    public override byte[] Forge(ReplicaId forger, in Vote vote) => throw new NotSupportedException("Nothing here would notice.");

    public override byte[] Forge(ReplicaId forger, Reply reply) => throw new NotSupportedException("Nothing here would notice.");

    public override RejectReason TryOpen(ReadOnlyMemory<byte> envelope, out Input input)
    {
        input = default;
        var reason = EnvelopeFrame.TryRead(envelope, _limits, out var frame);
        if (reason != RejectReason.None) return reason;
        switch (frame.Kind)
        {
            case MessageKind.Request:
                reason = MessageEncoding.TryReadRequest(frame, _limits, IdOf(frame.ClientKey), out var request);
                if (reason == RejectReason.None) input = Input.Of(request!);
                return reason;
            case MessageKind.PrePrepare:
                return TryOpenProposal(frame, out input);
            default:
                return MessageEncoding.TryRead(frame, _limits, out input);
        }
    }

    public override void Dispose()
    {
        // Holds no keys.
    }

    private RejectReason TryOpenProposal(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadProposal(frame, out var view, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;
        if (BatchEncoding.DigestOf(frame.Payload.Span) != digest) return RejectReason.DigestMismatch;
        reason = BatchEncoding.TryRead(frame.Payload, _limits, out var timestamp, out var envelopes);
        if (reason != RejectReason.None) return reason;

        var requests = new Request[envelopes.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            if (TryOpen(envelopes[i], out var nested) != RejectReason.None || nested.Kind != InputKind.Request) return RejectReason.BadRequestInBatch;
            requests[i] = nested.Request;
        }

        var batch = new Batch(timestamp, ImmutableCollectionsMarshal.AsImmutableArray(requests), frame.Payload, digest);
        input = Input.Of(new PrePrepare(view, sequence, batch, frame.Replica, frame.Envelope));
        return RejectReason.None;
    }

    private byte[] SealProposal(MessageKind kind, ReplicaId sender, View view, SequenceNumber sequence, Digest digest, ReadOnlyMemory<byte> payload)
    {
        var isProposal = kind == MessageKind.PrePrepare;
        var bytes = MessageEncoding.ProposalBodyBytes;
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(kind) + bytes + SealBytes + (isProposal ? sizeof(uint) + payload.Length : 0)];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, kind, Cluster, sender, bytes);
        MessageEncoding.WriteProposal(ref writer, view, sequence, digest);
        writer.WriteByte((byte)SealType.None);
        if (!isProposal) return envelope;
        writer.WriteLength(payload.Length);
        writer.WriteBytes(payload.Span);
        return envelope;
    }

    private byte[] Start(MessageKind kind, ReplicaId sender, int bodyBytes, out WireWriter writer)
    {
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(kind) + bodyBytes + SealBytes]; // the last byte stays 0: SealType.None
        writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, kind, Cluster, sender, bodyBytes);
        return envelope;
    }

    private (byte[] Key, ClientId Id) Client(int client)
    {
        if (_clients.TryGetValue(client, out var known)) return known;
        var key = new byte[EnvelopeEncoding.KeyBytes];
        BinaryPrimitives.WriteInt32BigEndian(key, client + 1);
        return _clients[client] = (key, ClientId.Of(key));
    }

    private ClientId IdOf(ReadOnlyMemory<byte> key)
    {
        if (!_ids.TryGetValue(key, out var id)) _ids.Add(key.ToArray(), id = ClientId.Of(key.Span));
        return id;
    }

    private sealed class ByContent : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> obj) => BinaryPrimitives.ReadInt32BigEndian(obj.Span);
    }
}
