using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Turns received bytes into an <see cref="Input"/> whose sender is proven, or says why not (rules ). Thread-safe; never throws.</summary>
/// <remarks>
/// Cheap before dear: lengths, cluster and sender first, then the signature, then the contents. What is returned slices the
/// received bytes, which must not be changed afterwards.
/// </remarks>
/// <param name="membership">The cluster whose replicas are believed.</param>
/// <param name="options">Where the limits come from.</param>
/// <param name="verifier">Shared by all openers of a process.</param>
/// <param name="access">Which clients may speak; all, when not given.</param>
public sealed class EnvelopeOpener(Membership membership, ProtocolOptions options, SignatureVerifier verifier, ClientAccess? access = null)
{
    private const int ClientsMax = 4096;

    private readonly ClientAccess _access = access ?? ClientAccess.Open;
    private readonly GenerationalMap<PublicKey, ClientId> _clients = new(ClientsMax); // saves half the hashing of a request known already

    /// <summary>How large anything on the wire may be.</summary>
    public WireLimits Limits { get; } = new(options);

    /// <summary>Whether this client may speak.</summary>
    public bool Allows(ClientId client) => _access.Allows(client);

    /// <summary>Opens one envelope: <see cref="RejectReason.None"/> and the input, or the reason to drop it.</summary>
    public RejectReason TryOpen(ReadOnlyMemory<byte> envelope, out Input input)
    {
        input = default;
        var reason = EnvelopeFrame.TryRead(envelope, Limits, out var frame);
        if (reason != RejectReason.None) return reason;
        if (frame.Kind == MessageKind.Request)
        {
            reason = TryOpenRequest(frame, _access, out var request);
            if (reason == RejectReason.None) input = Input.Of(request!);
            return reason;
        }

        if (frame.Kind == MessageKind.Read)
        {
            reason = TryOpenRead(frame, out var read);
            if (reason == RejectReason.None) input = Input.Of(read!);
            return reason;
        }

        reason = VerifyReplica(frame);
        if (reason != RejectReason.None) return reason;
        return frame.Kind switch
        {
            MessageKind.PrePrepare => TryOpenProposal(frame, out input),
            MessageKind.Batch => TryOpenFetchedBatch(frame, out input),
            MessageKind.NewView => TryOpenNewView(frame, out input),
            _ => MessageEncoding.TryRead(frame, Limits, out input),
        };
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
            default:
                return RejectReason.NoSignature;
        }
    }

    private RejectReason TryOpenRequest(in EnvelopeFrame frame, ClientAccess access, out Request? request)
    {
        request = null;
        var reason = VerifyClient(frame, access, out var client);
        return reason == RejectReason.None ? MessageEncoding.TryReadRequest(frame, Limits, client, out request) : reason;
    }

    private RejectReason TryOpenRead(in EnvelopeFrame frame, out Read? read)
    {
        read = null;
        var reason = VerifyClient(frame, _access, out var client);
        return reason == RejectReason.None ? MessageEncoding.TryReadRead(frame, Limits, client, out read) : reason;
    }

    private RejectReason VerifyClient(in EnvelopeFrame frame, ClientAccess access, out ClientId client)
    {
        client = default;
        if (frame.Cluster != membership.Id) return RejectReason.WrongCluster;
        if (!frame.IsFromClient) return RejectReason.WrongSender;
        var key = new PublicKey(frame.ClientKey.Span);
        var isKnown = _clients.TryGet(key, out client);
        if (!isKnown) client = key.ClientId;
        if (!access.Allows(client)) return RejectReason.ClientNotAllowed;
        if (frame.SealType != SealType.Signature) return RejectReason.NoSignature;

        var reason = verifier.Verify(SigningHash.OfEnvelope(frame.Signed.Span), key, frame.Signature.Span);
        if (reason != RejectReason.None) return reason;
        if (!isKnown) _clients.Set(key, client); // only of keys somebody holds: what is made up displaces nobody
        return RejectReason.None;
    }

    private RejectReason TryOpenProposal(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadProposal(frame, out var view, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;
        reason = TryOpenBatch(frame, digest, _access, out var batch);
        if (reason == RejectReason.None) input = Input.Of(new PrePrepare(view, sequence, batch!, frame.Replica, frame.Envelope));
        return reason;
    }

    private RejectReason TryOpenFetchedBatch(in EnvelopeFrame frame, out Input input)
    {
        input = default;
        var reason = MessageEncoding.TryReadBatchName(frame, out var sequence, out var digest);
        if (reason != RejectReason.None) return reason;

        // Of any client: a replica asks only for what f + 1 named in a view change, so a correct one found every client in it on the list
        // when it was proposed, and the list may have changed since.
        reason = TryOpenBatch(frame, digest, ClientAccess.Open, out var batch);
        if (reason == RejectReason.None) input = Input.Of(new FetchedBatch(sequence, batch!, frame.Replica));
        return reason;
    }

    private RejectReason TryOpenBatch(in EnvelopeFrame frame, in Digest digest, ClientAccess access, out Batch? batch)
    {
        batch = null;
        if (BatchEncoding.DigestOf(frame.Payload.Span) != digest) return RejectReason.DigestMismatch;
        var reason = BatchEncoding.TryRead(frame.Payload, Limits, out var timestamp, out var envelopes);
        if (reason != RejectReason.None) return reason;

        var requests = envelopes.IsEmpty ? [] : new Request[envelopes.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            if (EnvelopeFrame.TryRead(envelopes[i], Limits, out var nested) != RejectReason.None
                || nested.Kind != MessageKind.Request
                || TryOpenRequest(nested, access, out var request) != RejectReason.None) return RejectReason.BadRequestInBatch;
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
