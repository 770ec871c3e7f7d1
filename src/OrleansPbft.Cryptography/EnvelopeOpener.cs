using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Turns received bytes into inputs whose sender is proven, or says why not (rules A-1 ... A-4). Thread-safe; never throws.</summary>
/// <remarks>
/// Cheap before dear: lengths, cluster and sender first, then the signature or the MAC, then the contents. What is returned slices the
/// received bytes, which must not be changed afterwards.
/// </remarks>
/// <param name="membership">The cluster whose replicas are believed.</param>
/// <param name="options">Where the limits and the mode come from.</param>
/// <param name="verifier">Shared by all openers of a process.</param>
/// <param name="access">Which clients may speak; all, when not given.</param>
/// <param name="sessions">Of the replica or client that opens, in mode Macs; without them a MAC proves nothing here.</param>
public sealed class EnvelopeOpener(
    Membership membership, ProtocolOptions options, SignatureVerifier verifier, ClientAccess? access = null, SessionKeys? sessions = null)
{
    private const int ClientsMax = 4096;

    private readonly ClientAccess _access = access ?? ClientAccess.Open;
    private readonly bool _allowsMacs = options.Authentication == AuthenticationMode.Macs;
    private readonly GenerationalMap<PublicKey, ClientId> _clients = new(ClientsMax); // saves half the hashing of a request known already

    /// <summary>Who has to be convinced by a request, and of what.</summary>
    private enum Proof : byte
    {
        /// <summary>Of a request that comes by itself: the signature, or the primary could not propose it (A-3, LESSONS B47).</summary>
        Signature = 0,

        /// <summary>Of a read, and of a request that a primary proposes: this replica's MAC, else the signature.</summary>
        MacOrSignature,

        /// <summary>Of a batch that was asked for: nothing, where f + 1 replicas named it, one of them correct and convinced.</summary>
        None,
    }

    /// <summary>How large anything on the wire may be.</summary>
    public WireLimits Limits { get; } = new(options);

    /// <summary>Whether this client may speak.</summary>
    public bool Allows(ClientId client) => _access.Allows(client);

    /// <summary>Opens one envelope: <see cref="RejectReason.None"/>, and what it says is added to <paramref name="inputs"/>; or the reason to drop it, and nothing is.</summary>
    /// <remarks>A PACK says several things, a SESSION-KEY none: it is taken in here.</remarks>
    public RejectReason TryOpen(ReadOnlyMemory<byte> envelope, ICollection<Input> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var reason = EnvelopeFrame.TryRead(envelope, Limits, out var frame);
        if (reason != RejectReason.None) return reason;
        switch (frame.Kind)
        {
            case MessageKind.SessionKey: return TryTakeSessionKey(frame);
            case MessageKind.Pack: return TryOpenPack(frame, inputs);
        }

        reason = TryOpen(frame, out var input);
        if (reason == RejectReason.None) inputs.Add(input);
        return reason;
    }

    /// <summary>Opens an envelope that says one thing: any but a PACK or a SESSION-KEY.</summary>
    public RejectReason TryOpen(ReadOnlyMemory<byte> envelope, out Input input)
    {
        input = default;
        var reason = EnvelopeFrame.TryRead(envelope, Limits, out var frame);
        if (reason != RejectReason.None) return reason;
        return frame.Kind is MessageKind.Pack or MessageKind.SessionKey ? RejectReason.UnknownKind : TryOpen(frame, out input);
    }

    /// <summary>Finds out which client sealed an envelope, for a port that hands it on: a REQUEST, a READ or a SESSION-KEY, proven, and as it should be.</summary>
    public RejectReason TryOpenOfClient(ReadOnlyMemory<byte> envelope, out ClientId client)
    {
        client = default;
        var reason = EnvelopeFrame.TryRead(envelope, Limits, out var frame);
        if (reason != RejectReason.None) return reason;
        switch (frame.Kind)
        {
            case MessageKind.Request:
                reason = TryOpenRequest(frame, _access, Proof.Signature, out var request);
                if (reason == RejectReason.None) client = request!.Id.Client;
                return reason;
            case MessageKind.Read:
                reason = TryOpenRead(frame, Proof.MacOrSignature, out var read);
                if (reason == RejectReason.None) client = read!.Client;
                return reason;
            case MessageKind.SessionKey when _allowsMacs:
                if (!KeyAnnouncement.TryRead(frame.Body, out _)) return RejectReason.Malformed;
                return VerifyClient(frame, _access, Proof.Signature, out client, out _);
            case MessageKind.SessionKey:
                return RejectReason.WrongMode;
            default:
                return RejectReason.WrongSender;
        }
    }

    private RejectReason TryOpen(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        if (frame.Kind == MessageKind.Request)
        {
            var refused = TryOpenRequest(frame, _access, Proof.Signature, out var request);
            if (refused == RejectReason.None) input = Input.Of(request!);
            return refused;
        }

        if (frame.Kind == MessageKind.Read)
        {
            var refused = TryOpenRead(frame, Proof.MacOrSignature, out var read);
            if (refused == RejectReason.None) input = Input.Of(read!);
            return refused;
        }

        var reason = VerifyReplica(frame);
        if (reason != RejectReason.None) return reason;
        return frame.Kind switch
        {
            MessageKind.PrePrepare => TryOpenProposal(frame, out input),
            MessageKind.Batch => TryOpenFetchedBatch(frame, out input),
            MessageKind.NewView => TryOpenNewView(frame, out input),
            _ => MessageEncoding.TryRead(frame, Limits, out input),
        };
    }

    /// <summary>Opens all messages of a PACK, or none: count (u16) ‖ count × (kind (u8) ‖ length (u32) ‖ body).</summary>
    private RejectReason TryOpenPack(in EnvelopeFrame frame, ICollection<Input> inputs)
    {
        if (frame.SealType != SealType.Mac) return RejectReason.SealNotAllowed; // what is signed stands alone
        var reason = VerifyReplica(frame);
        if (reason != RejectReason.None) return reason;
        var reader = new WireReader(frame.Body);
        if (!reader.TryReadUInt16(out var count) || count < 2) return RejectReason.Malformed; // one goes by itself
        if (count > EnvelopeEncoding.PackMessagesMax) return RejectReason.TooLarge;
        var opened = new Input[count];
        for (var i = 0; i < opened.Length; i++)
        {
            if (!reader.TryReadByte(out var kind) || !EnvelopeEncoding.IsPacked((MessageKind)kind) || !reader.TryReadLength(out var length)) return RejectReason.Malformed;
            if (length > (uint)MessageEncoding.BodyBytesMax((MessageKind)kind, Limits)) return RejectReason.TooLarge;
            if (!reader.TryReadBytes(length, out var body)) return RejectReason.Malformed;
            reason = MessageEncoding.TryRead(frame.InPack((MessageKind)kind, body), Limits, out opened[i]);
            if (reason != RejectReason.None) return reason;
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        foreach (ref readonly var input in opened.AsSpan()) inputs.Add(input);
        return RejectReason.None;
    }

    /// <summary>Takes in another's session key; the signature of one that is known, or older, is not worth a verification.</summary>
    private RejectReason TryTakeSessionKey(in EnvelopeFrame frame)
    {
        if (sessions is null || !_allowsMacs) return RejectReason.WrongMode;
        if (frame.Cluster != membership.Id) return RejectReason.WrongCluster;
        if (frame.SealType != SealType.Signature) return RejectReason.NoSignature;
        if (!KeyAnnouncement.TryRead(frame.Body, out var announced)) return RejectReason.Malformed;
        PublicKey key;
        SessionParty from;
        if (frame.IsFromClient)
        {
            key = new(frame.ClientKey.Span);
            from = SessionParty.Of(key.ClientId);
            if (!_access.Allows(from.Client)) return RejectReason.ClientNotAllowed;
        }
        else
        {
            if (!membership.TryGetKey(frame.Replica, out key)) return RejectReason.SenderNotInCluster;
            from = SessionParty.Of(frame.Replica);
        }

        var reason = sessions.Consider(from, announced, out var isNew);
        if (reason != RejectReason.None || !isNew) return reason;
        reason = verifier.Verify(SigningHash.OfEnvelope(frame.Signed.Span), key, frame.Signature.Span);
        return reason == RejectReason.None ? sessions.Take(from, announced, frame.Envelope.Span) : reason;
    }

    private RejectReason VerifyReplica(in EnvelopeFrame frame)
    {
        if (frame.Cluster != membership.Id) return RejectReason.WrongCluster;
        if (frame.IsFromClient) return RejectReason.WrongSender;
        if (!membership.TryGetKey(frame.Replica, out var key)) return RejectReason.SenderNotInCluster;
        switch (frame.SealType)
        {
            case SealType.Signature:
                return verifier.Verify(SigningHash.OfEnvelope(frame.Signed.Span), key, frame.Signature.Span);
            case SealType.BatchSignature:
                var leaf = SigningHash.OfLeaf(frame.Signed.Span);
                var root = MerkleTree.RootOf(leaf, frame.LeafIndex, frame.LeafCount, frame.Path.Span);
                return verifier.Verify(SigningHash.OfBatch(frame.Cluster, frame.Replica, frame.LeafCount, root), key, frame.Signature.Span);
            case SealType.Mac when !_allowsMacs:
                return RejectReason.WrongMode;
            case SealType.Mac:
                return sessions?.Verify(frame) ?? RejectReason.UnknownSessionKey;
            default:
                return RejectReason.NoSignature;
        }
    }

    private RejectReason TryOpenRequest(in EnvelopeFrame frame, ClientAccess allowed, Proof proof, out Request? request)
    {
        request = null;
        var reason = VerifyClient(frame, allowed, proof, out var client, out var keyEpoch);
        return reason == RejectReason.None ? MessageEncoding.TryReadRequest(frame, Limits, client, out request, keyEpoch) : reason;
    }

    private RejectReason TryOpenRead(in EnvelopeFrame frame, Proof proof, out Read? read)
    {
        read = null;
        var reason = VerifyClient(frame, _access, proof, out var client, out var keyEpoch);
        return reason == RejectReason.None ? MessageEncoding.TryReadRead(frame, Limits, client, out read, keyEpoch) : reason;
    }

    /// <summary>Finds out which client sealed an envelope, and under which of its session keys there is a good MAC for us; 0 for none.</summary>
    private RejectReason VerifyClient(in EnvelopeFrame frame, ClientAccess allowed, Proof proof, out ClientId client, out long keyEpoch)
    {
        client = default;
        keyEpoch = 0;
        if (frame.Cluster != membership.Id) return RejectReason.WrongCluster;
        if (!frame.IsFromClient) return RejectReason.WrongSender;
        var key = new PublicKey(frame.ClientKey.Span);
        var isKnown = _clients.TryGet(key, out client);
        if (!isKnown) client = key.ClientId;
        if (!allowed.Allows(client)) return RejectReason.ClientNotAllowed;
        var hasMacs = frame.SealType == SealType.SignatureAndMacs;
        if (hasMacs && !_allowsMacs) return RejectReason.WrongMode;
        if (hasMacs && frame.Macs.Length != Limits.Replicas * EnvelopeEncoding.MacBytes) return RejectReason.Malformed;
        if (!hasMacs && frame.SealType != SealType.Signature) return RejectReason.NoSignature;
        if (proof == Proof.None) return RejectReason.None;

        // The MAC is looked at in any case: it tells that who asks has a session with us, and can be answered under a MAC.
        var macs = hasMacs && sessions is { Self.IsClient: false } ? sessions : null;
        var isMacGood = macs is not null && macs.VerifyAuthenticator(frame, client);
        if (isMacGood) keyEpoch = frame.SenderEpoch;
        if (isMacGood && proof == Proof.MacOrSignature) return RejectReason.None;
        var reason = verifier.Verify(SigningHash.OfEnvelope(frame.Signed.Span), key, frame.Signature.Span);
        if (reason != RejectReason.None) return reason;
        if (!isKnown) _clients.Set(key, client); // only of keys somebody holds: what is made up displaces nobody
        if (!isMacGood) macs?.Remind(client);
        return RejectReason.None;
    }

    private RejectReason TryOpenProposal(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadProposal(frame, out var view, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;
        reason = TryOpenBatch(frame, digest, _access, Proof.MacOrSignature, out var batch, out var isDoubtful);
        if (reason == RejectReason.None) input = Input.Of(new PrePrepare(view, sequence, batch!, frame.Replica, frame.Envelope) { IsDoubtful = isDoubtful });
        return reason;
    }

    private RejectReason TryOpenFetchedBatch(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadBatchName(frame, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;

        // Of any client: a replica asks only for what f + 1 named in a view change, so a correct one found every client in it on the list
        // when it was proposed, and the list may have changed since. With MACs it may have been convinced by one that was for it alone: then nothing
        // that is here could convince us, and the digest, which the machine compares with what it asked for, has to do.
        reason = TryOpenBatch(frame, digest, ClientAccess.Open, _allowsMacs ? Proof.None : Proof.Signature, out var batch, out _);
        if (reason == RejectReason.None) input = Input.Of(new FetchedBatch(sequence, batch!, frame.Replica));
        return reason;
    }

    private RejectReason TryOpenBatch(in EnvelopeFrame frame, in Digest digest, ClientAccess allowed, Proof proof, out Batch? batch, out bool isDoubtful)
    {
        batch = null;
        isDoubtful = false;
        if (BatchEncoding.DigestOf(frame.Payload.Span) != digest) return RejectReason.DigestMismatch;
        var reason = BatchEncoding.TryRead(frame.Payload, Limits, out var timestamp, out var envelopes);
        if (reason != RejectReason.None) return reason;

        var requests = envelopes.IsEmpty ? [] : new Request[envelopes.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            if (EnvelopeFrame.TryRead(envelopes[i], Limits, out var nested) != RejectReason.None || nested.Kind != MessageKind.Request) return RejectReason.BadRequestInBatch;
            reason = TryOpenRequest(nested, allowed, proof, out var request);
            if (reason == RejectReason.BadSignature && _allowsMacs)
            {
                // Its MACs may convince others: it is kept without a vote, for the case that q of them commit it (N-4).
                isDoubtful = true;
                reason = TryOpenRequest(nested, allowed, Proof.None, out request);
            }

            if (reason != RejectReason.None) return RejectReason.BadRequestInBatch;
            requests[i] = request!;
        }

        batch = new Batch(timestamp, ImmutableCollectionsMarshal.AsImmutableArray(requests), frame.Payload, digest);
        return RejectReason.None;
    }

    /// <summary>Opens every VIEW-CHANGE in it as if it had come alone (LESSONS B5, B25).</summary>
    private RejectReason TryOpenNewView(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadNewView(frame, Limits, out var view, out var decision, out var envelopes);
        if (reason != RejectReason.None) return reason;

        var viewChanges = new ViewChange[envelopes.Length];
        for (var i = 0; i < viewChanges.Length; i++)
        {
            if (EnvelopeFrame.TryRead(envelopes[i], Limits, out var nested) != RejectReason.None
                || nested.Kind != MessageKind.ViewChange
                || VerifyReplica(nested) != RejectReason.None
                || MessageEncoding.TryRead(nested, Limits, out var one) != RejectReason.None
                || one.ViewChange.View != view
                || (i > 0 && viewChanges[i - 1].Sender.Index >= one.ViewChange.Sender.Index)) return RejectReason.BadViewChangeInNewView;
            viewChanges[i] = one.ViewChange;
        }

        input = Input.Of(new NewView(view, ImmutableCollectionsMarshal.AsImmutableArray(viewChanges), decision!, frame.Replica, frame.Envelope));
        return RejectReason.None;
    }
}
