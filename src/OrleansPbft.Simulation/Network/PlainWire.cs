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

    public override byte[] Seal(in Vote vote)
    {
        var envelope = Start((MessageKind)vote.Phase, vote.Sender, MessageEncoding.ProposalBodyBytes, payloadBytes: 0, out var writer);
        MessageEncoding.WriteProposal(ref writer, vote.View, vote.Sequence, vote.Digest);
        return envelope;
    }

    public override byte[] Seal(IPeerMessage message)
    {
        if (message is NewView newView) message = newView.WithSealed(Sealed);
        var payload = message.Payload;
        var hasPayload = EnvelopeFrame.HasPayload(message.Kind);
        var envelope = Start(message.Kind, message.Sender, message.BodyBytes, hasPayload ? sizeof(uint) + payload.Length : 0, out var writer);
        message.WriteBody(ref writer);
        writer.WriteByte((byte)SealType.None);
        if (!hasPayload) return envelope;
        writer.WriteLength(payload.Length);
        writer.WriteBytes(payload.Span);
        return envelope;
    }

    public override byte[][] Seal(ReadOnlySpan<Reply> replies)
    {
        var envelopes = new byte[replies.Length][];
        for (var i = 0; i < envelopes.Length; i++)
        {
            envelopes[i] = Start(MessageKind.Reply, replies[i].Sender, MessageEncoding.ReplyBodyBytesMin + replies[i].Results.Length, payloadBytes: 0, out var writer);
            MessageEncoding.WriteReply(ref writer, replies[i]);
        }

        return envelopes;
    }

    public override byte[][] Seal(ReadOnlySpan<ReadReply> replies)
    {
        var envelopes = new byte[replies.Length][];
        for (var i = 0; i < envelopes.Length; i++)
        {
            var bodyBytes = MessageEncoding.ReadReplyBodyBytesMin + replies[i].Results.Length;
            envelopes[i] = Start(MessageKind.ReadReply, replies[i].Sender, bodyBytes, payloadBytes: 0, out var writer);
            MessageEncoding.WriteReadReply(ref writer, replies[i]);
        }

        return envelopes;
    }

    public override Read SealRead(int client, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        var body = MessageEncoding.ReadBodyBytesMin;
        foreach (var operation in operations) body += MessageEncoding.OperationHeaderBytes + operation.Length;
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Read) + body + SealBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, Cluster, Client(client).Key, body, MessageKind.Read);
        MessageEncoding.WriteRead(ref writer, number, operations);
        writer.WriteByte((byte)SealType.None);
        return new(ClientOf(client), number, [.. operations], envelope);
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
            case MessageKind.Read:
                reason = MessageEncoding.TryReadRead(frame, _limits, IdOf(frame.ClientKey), out var read);
                if (reason == RejectReason.None) input = Input.Of(read!);
                return reason;
            case MessageKind.PrePrepare:
                return TryOpenProposal(frame, out input);
            case MessageKind.Batch:
                return TryOpenFetchedBatch(frame, out input);
            case MessageKind.NewView:
                return TryOpenNewView(frame, out input);
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
        reason = TryOpenBatch(frame, digest, out var batch);
        if (reason == RejectReason.None) input = Input.Of(new PrePrepare(view, sequence, batch!, frame.Replica, frame.Envelope));
        return reason;
    }

    private RejectReason TryOpenFetchedBatch(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadBatchName(frame, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;
        reason = TryOpenBatch(frame, digest, out var batch);
        if (reason == RejectReason.None) input = Input.Of(new FetchedBatch(sequence, batch!, frame.Replica));
        return reason;
    }

    private RejectReason TryOpenBatch(in EnvelopeFrame frame, in Digest digest, out Batch? batch)
    {
        batch = null;
        if (BatchEncoding.DigestOf(frame.Payload.Span) != digest) return RejectReason.DigestMismatch;
        var reason = BatchEncoding.TryRead(frame.Payload, _limits, out var timestamp, out var envelopes);
        if (reason != RejectReason.None) return reason;

        var requests = new Request[envelopes.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            if (TryOpen(envelopes[i], out var nested) != RejectReason.None || nested.Kind != InputKind.Request) return RejectReason.BadRequestInBatch;
            requests[i] = nested.Request;
        }

        batch = new Batch(timestamp, ImmutableCollectionsMarshal.AsImmutableArray(requests), frame.Payload, digest);
        return RejectReason.None;
    }

    private RejectReason TryOpenNewView(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadNewView(frame, _limits, out var view, out var decision, out var envelopes);
        if (reason != RejectReason.None) return reason;
        var viewChanges = new ViewChange[envelopes.Length];
        for (var i = 0; i < viewChanges.Length; i++)
        {
            if (TryOpen(envelopes[i], out var nested) != RejectReason.None || nested.Kind != InputKind.ViewChange || nested.ViewChange.View != view
                || (i > 0 && viewChanges[i - 1].Sender.Index >= nested.ViewChange.Sender.Index))
            {
                return RejectReason.BadViewChangeInNewView;
            }

            viewChanges[i] = nested.ViewChange;
        }

        input = Input.Of(new NewView(view, ImmutableCollectionsMarshal.AsImmutableArray(viewChanges), decision!, frame.Replica, frame.Envelope));
        return RejectReason.None;
    }

    private ViewChange Sealed(ViewChange own) =>
        new(own.View, own.StableCheckpoint, own.Checkpoints, own.Prepared, own.PrePrepared, own.Sender, Seal(own));

    private byte[] Start(MessageKind kind, ReplicaId sender, int bodyBytes, int payloadBytes, out WireWriter writer)
    {
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(kind) + bodyBytes + SealBytes + payloadBytes]; // the seal's byte stays 0: SealType.None
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
