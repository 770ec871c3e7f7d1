namespace OrleansPbft.Core;

/// <summary>An envelope cut into its parts, each a slice of the received bytes. Nothing in it is authenticated yet.</summary>
public readonly struct EnvelopeFrame
{
    /// <summary>The whole envelope.</summary>
    public ReadOnlyMemory<byte> Envelope { get; private init; }

    /// <summary>What it says it is.</summary>
    public MessageKind Kind { get; private init; }

    /// <summary>The cluster it says it is for.</summary>
    public ClusterId Cluster { get; private init; }

    /// <summary>The replica that is said to have sent it; of no meaning when a client did.</summary>
    public ReplicaId Replica { get; private init; }

    /// <summary>The public key of the client that is said to have sent it; empty when a replica did.</summary>
    public ReadOnlyMemory<byte> ClientKey { get; private init; }

    /// <summary>Whether it says that a client sent it.</summary>
    public bool IsFromClient => !ClientKey.IsEmpty;

    /// <summary>What the seal authenticates: version, kind, cluster, sender and body, as received (rule A-1).</summary>
    public ReadOnlyMemory<byte> Signed { get; private init; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; private init; }

    /// <summary>How it is sealed.</summary>
    public SealType SealType { get; private init; }

    /// <summary>The signature; empty in an envelope without a seal.</summary>
    public ReadOnlyMemory<byte> Signature { get; private init; }

    /// <summary>The place of these bytes among those one batch signature covers.</summary>
    public int LeafIndex { get; private init; }

    /// <summary>How many envelopes the batch signature covers: 2 or more.</summary>
    public int LeafCount { get; private init; }

    /// <summary>The hashes from the leaf to the root, 32 bytes each; empty where there is no batch signature.</summary>
    public ReadOnlyMemory<byte> Path { get; private init; }

    /// <summary>Which of the sender's session keys the MACs are under; of no meaning without a MAC.</summary>
    public long SenderEpoch { get; private init; }

    /// <summary>Which of the receiver's session keys the MAC is under; of no meaning in any other seal.</summary>
    public long ReceiverEpoch { get; private init; }

    /// <summary>The MAC, or, beside a client's signature, one for each replica in the order of their ids; else empty.</summary>
    public ReadOnlyMemory<byte> Macs { get; private init; }

    /// <summary>The encoding of the batch behind a PRE-PREPARE or a BATCH; empty in every other kind.</summary>
    public ReadOnlyMemory<byte> Payload { get; private init; }

    /// <summary>Whether the encoding of a batch travels behind the seal of this kind.</summary>
    public static bool HasPayload(MessageKind kind) => kind is MessageKind.PrePrepare or MessageKind.Batch;

    /// <summary>One message of a PACK as the frame it would have by itself: proven by the seal that the whole has.</summary>
    public EnvelopeFrame InPack(MessageKind kind, ReadOnlyMemory<byte> body) => this with { Kind = kind, Body = body };

    /// <summary>Cuts an envelope into its parts, checking every length against its limit before anything is taken.</summary>
    public static RejectReason TryRead(ReadOnlyMemory<byte> envelope, WireLimits limits, out EnvelopeFrame frame)
    {
        frame = default;
        var reader = new WireReader(envelope);
        if (!reader.TryReadByte(out var version)) return RejectReason.Truncated;
        if (version != EnvelopeEncoding.Version) return RejectReason.UnknownVersion;
        if (!reader.TryReadByte(out var kindByte)) return RejectReason.Truncated;
        var kind = (MessageKind)kindByte;
        if (!Enum.IsDefined(kind) || kind == MessageKind.None) return RejectReason.UnknownKind;
        if (EnvelopeEncoding.IsOfClients(kind) && envelope.Length > limits.RequestBytesMax) return RejectReason.TooLarge;
        if (!reader.TryReadIdentifier(out var cluster)) return RejectReason.Truncated;

        var reason = TryReadSender(ref reader, out var replica, out var clientKey);
        if (reason != RejectReason.None) return reason;
        reason = TryReadBody(ref reader, kind, limits, out var body);
        if (reason != RejectReason.None) return reason;

        var read = new EnvelopeFrame
        {
            Envelope = envelope,
            Kind = kind,
            Cluster = new(cluster),
            Replica = replica,
            ClientKey = clientKey,
            Signed = envelope[..reader.Position],
            Body = body,
        };
        reason = TryReadSeal(ref reader, ref read);
        if (reason != RejectReason.None) return reason;
        reason = TryReadPayload(ref reader, limits, ref read);
        if (reason != RejectReason.None) return reason;
        if (reader.Remaining > 0) return RejectReason.TrailingBytes;

        frame = read;
        return RejectReason.None;
    }

    private static RejectReason TryReadSender(ref WireReader reader, out ReplicaId replica, out ReadOnlyMemory<byte> clientKey)
    {
        replica = default;
        clientKey = default;
        if (!reader.TryReadByte(out var role)) return RejectReason.Truncated;
        switch (role)
        {
            case EnvelopeEncoding.ReplicaRole:
                if (!reader.TryReadByte(out var index)) return RejectReason.Truncated;
                replica = new(index);
                return RejectReason.None;
            case EnvelopeEncoding.ClientRole:
                return reader.TryReadBytes(EnvelopeEncoding.KeyBytes, out clientKey) ? RejectReason.None : RejectReason.Truncated;
            default:
                return RejectReason.Malformed;
        }
    }

    private static RejectReason TryReadBody(ref WireReader reader, MessageKind kind, WireLimits limits, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (!reader.TryReadLength(out var length)) return RejectReason.Truncated;
        if (length > (uint)MessageEncoding.BodyBytesMax(kind, limits)) return RejectReason.TooLarge;
        return reader.TryReadBytes(length, out body) ? RejectReason.None : RejectReason.Truncated;
    }

    private static RejectReason TryReadSeal(ref WireReader reader, ref EnvelopeFrame frame)
    {
        if (!reader.TryReadByte(out var type)) return RejectReason.Truncated;
        frame = frame with { SealType = (SealType)type };
        switch (frame.SealType)
        {
            case SealType.None:
                return RejectReason.None;
            case SealType.Mac:
                return TryReadMac(ref reader, ref frame);
            case SealType.Signature:
            case SealType.SignatureAndMacs:
                break;
            case SealType.BatchSignature:
                var reason = TryReadPath(ref reader, ref frame);
                if (reason != RejectReason.None) return reason;
                break;
            default:
                return RejectReason.UnknownSeal;
        }

        if (!reader.TryReadBytes(EnvelopeEncoding.SignatureBytes, out var signature)) return RejectReason.Truncated;
        frame = frame with { Signature = signature };
        return frame.SealType == SealType.SignatureAndMacs ? TryReadAuthenticator(ref reader, ref frame) : RejectReason.None;
    }

    private static RejectReason TryReadPath(ref WireReader reader, ref EnvelopeFrame frame)
    {
        if (!EnvelopeEncoding.IsSealedTogether(frame.Kind)) return RejectReason.SealNotAllowed;
        if (!reader.TryReadUInt16(out var leafIndex) || !reader.TryReadUInt16(out var leafCount)) return RejectReason.Truncated;
        if (leafCount < 2 || leafIndex >= leafCount) return RejectReason.Malformed; // one leaf is signed plainly
        var pathBytes = (uint)(EnvelopeEncoding.PathLength(leafIndex, leafCount) * Digest.Bytes);
        if (!reader.TryReadBytes(pathBytes, out var path)) return RejectReason.Truncated;
        frame = frame with { LeafIndex = leafIndex, LeafCount = leafCount, Path = path };
        return RejectReason.None;
    }

    private static RejectReason TryReadMac(ref WireReader reader, ref EnvelopeFrame frame)
    {
        if (!EnvelopeEncoding.IsMaced(frame.Kind)) return RejectReason.SealNotAllowed;
        if (!reader.TryReadInt64(out var senderEpoch) || !reader.TryReadInt64(out var receiverEpoch)
            || !reader.TryReadBytes(EnvelopeEncoding.MacBytes, out var mac)) return RejectReason.Truncated;
        frame = frame with { SenderEpoch = senderEpoch, ReceiverEpoch = receiverEpoch, Macs = mac };
        return RejectReason.None;
    }

    private static RejectReason TryReadAuthenticator(ref WireReader reader, ref EnvelopeFrame frame)
    {
        if (!EnvelopeEncoding.IsOfClients(frame.Kind)) return RejectReason.SealNotAllowed;
        if (!reader.TryReadInt64(out var epoch) || !reader.TryReadByte(out var replicas)
            || !reader.TryReadBytes((uint)(replicas * EnvelopeEncoding.MacBytes), out var macs)) return RejectReason.Truncated;
        frame = frame with { SenderEpoch = epoch, Macs = macs };
        return RejectReason.None;
    }

    private static RejectReason TryReadPayload(ref WireReader reader, WireLimits limits, ref EnvelopeFrame frame)
    {
        if (!HasPayload(frame.Kind)) return RejectReason.None;
        if (!reader.TryReadLength(out var length)) return RejectReason.Truncated;
        if (length > (uint)limits.BatchEncodingBytesMax) return RejectReason.TooLarge;
        if (!reader.TryReadBytes(length, out var payload)) return RejectReason.Truncated;
        frame = frame with { Payload = payload };
        return RejectReason.None;
    }
}
