using OrleansPbft.Core;
using OrleansPbft.Tests;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Every kind of message × every way not to be authentic, each with its own reason (A-1, A-4; LESSONS B5, B6, B7).</summary>
public sealed class RejectionTests : IDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly TestCluster _other = new(firstSecret: 11);

    public enum Sample
    {
        Request,
        OpenSession,
        PrePrepare,
        Prepare,
        Commit,
        Checkpoint,
        Status,
        Suspect,
        ViewChange,
        NewView,
        FetchBatch,
        Batch,
        FetchChunks,
        Chunks,
        Reply,
        ReplyOfThree,
        Read,
        ReadReply,
    }

    public static TheoryData<Sample> Samples => [.. Enum.GetValues<Sample>()];

    [Theory, MemberData(nameof(Samples))]
    public void What_is_authentic_is_accepted(Sample sample) => Expect(RejectReason.None, Make(sample));

    [Theory, MemberData(nameof(Samples))]
    public void No_signature(Sample sample) => Expect(RejectReason.NoSignature, Forge.WithSeal(Make(sample), (byte)SealType.None));

    [Theory, MemberData(nameof(Samples))]
    public void A_seal_of_no_known_type(Sample sample) => Expect(RejectReason.UnknownSeal, Forge.WithSeal(Make(sample), 5));

    [Theory, MemberData(nameof(Samples))]
    public void A_batch_signature_seals_nothing_but_replies(Sample sample)
    {
        byte[] seal = [(byte)SealType.BatchSignature, 0, 0, 2, 0, .. new byte[Digest.Bytes + EnvelopeEncoding.SignatureBytes]];

        var expected = sample is Sample.Reply or Sample.ReplyOfThree or Sample.ReadReply ? RejectReason.BadSignature : RejectReason.SealNotAllowed;
        Expect(expected, Forge.WithSeal(Make(sample), seal));
    }

    [Theory, MemberData(nameof(Samples))]
    public void Signed_with_a_key_that_is_not_the_senders(Sample sample)
    {
        var frame = Forge.Frame(Make(sample));
        var forged = frame.IsFromClient
            ? Forge.ByClient(_cluster, frame.Body.ToArray(), key: _other.Keys[0], kind: frame.Kind)
            : Forge.ByReplica(_cluster, frame.Kind, frame.Body.ToArray(), key: _cluster.Keys[1], payload: Payload(frame));

        Expect(RejectReason.BadSignature, forged);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Sealed_by_a_client_where_a_replica_must_speak_or_the_reverse(Sample sample)
    {
        var frame = Forge.Frame(Make(sample));
        var body = frame.Body.ToArray();
        var forged = frame.IsFromClient
            ? Forge.ByReplica(_cluster, frame.Kind, body)
            : Forge.ByClient(_cluster, body, kind: frame.Kind, payload: Payload(frame));

        Expect(RejectReason.WrongSender, forged);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Relabelled_as_of_another_sender(Sample sample)
    {
        var envelope = Make(sample);
        if (Forge.Frame(envelope).IsFromClient) _other.Keys[0].PublicKey.CopyTo(envelope.AsSpan(19));
        else envelope[19] = 2;

        Expect(RejectReason.BadSignature, envelope);
    }

    [Theory]
    [InlineData(Sample.Prepare, MessageKind.Commit, RejectReason.BadSignature)]
    [InlineData(Sample.Commit, MessageKind.Prepare, RejectReason.BadSignature)]
    [InlineData(Sample.Checkpoint, MessageKind.Prepare, RejectReason.BadSignature)]
    [InlineData(Sample.Status, MessageKind.Checkpoint, RejectReason.TooLarge)]
    [InlineData(Sample.Status, MessageKind.Reply, RejectReason.BadSignature)]
    [InlineData(Sample.Checkpoint, MessageKind.Status, RejectReason.BadSignature)]
    [InlineData(Sample.PrePrepare, MessageKind.Prepare, RejectReason.TrailingBytes)]
    [InlineData(Sample.Commit, MessageKind.PrePrepare, RejectReason.Truncated)]
    [InlineData(Sample.Checkpoint, MessageKind.FetchBatch, RejectReason.BadSignature)]
    [InlineData(Sample.FetchBatch, MessageKind.Checkpoint, RejectReason.BadSignature)]
    [InlineData(Sample.FetchBatch, MessageKind.Batch, RejectReason.Truncated)]
    [InlineData(Sample.Batch, MessageKind.FetchBatch, RejectReason.TrailingBytes)]
    [InlineData(Sample.Batch, MessageKind.PrePrepare, RejectReason.BadSignature)]
    [InlineData(Sample.PrePrepare, MessageKind.Batch, RejectReason.TooLarge)]
    [InlineData(Sample.Suspect, MessageKind.Status, RejectReason.BadSignature)]
    [InlineData(Sample.Status, MessageKind.Suspect, RejectReason.TooLarge)]
    [InlineData(Sample.Suspect, MessageKind.ViewChange, RejectReason.BadSignature)]
    [InlineData(Sample.ViewChange, MessageKind.Suspect, RejectReason.TooLarge)]
    [InlineData(Sample.ViewChange, MessageKind.NewView, RejectReason.BadSignature)]
    [InlineData(Sample.NewView, MessageKind.ViewChange, RejectReason.BadSignature)]
    [InlineData(Sample.Prepare, MessageKind.ViewChange, RejectReason.BadSignature)]
    [InlineData(Sample.FetchChunks, MessageKind.Chunks, RejectReason.BadSignature)]
    [InlineData(Sample.Chunks, MessageKind.FetchChunks, RejectReason.BadSignature)]
    [InlineData(Sample.ViewChange, MessageKind.Request, RejectReason.WrongSender)]
    [InlineData(Sample.Request, MessageKind.ViewChange, RejectReason.WrongSender)]
    [InlineData(Sample.Reply, MessageKind.Request, RejectReason.WrongSender)]
    [InlineData(Sample.ReplyOfThree, MessageKind.Commit, RejectReason.TooLarge)]
    [InlineData(Sample.Request, MessageKind.Reply, RejectReason.WrongSender)]
    [InlineData(Sample.OpenSession, MessageKind.Prepare, RejectReason.WrongSender)]
    [InlineData(Sample.Read, MessageKind.Request, RejectReason.BadSignature)]
    [InlineData(Sample.Read, MessageKind.ReadReply, RejectReason.WrongSender)]
    [InlineData(Sample.Request, MessageKind.Read, RejectReason.BadSignature)]
    [InlineData(Sample.Reply, MessageKind.ReadReply, RejectReason.BadSignature)]
    [InlineData(Sample.ReadReply, MessageKind.Reply, RejectReason.BadSignature)]
    [InlineData(Sample.ReadReply, MessageKind.Read, RejectReason.WrongSender)]
    public void Relabelled_as_of_another_kind(Sample sample, MessageKind kind, RejectReason expected)
    {
        var envelope = Make(sample);
        envelope[1] = (byte)kind;

        Expect(expected, envelope);
    }

    [Fact]
    public void A_pre_prepare_without_its_batch_is_no_prepare()
    {
        var frame = Forge.Frame(Make(Sample.PrePrepare));
        byte[] envelope = [.. frame.Signed.Span, (byte)SealType.Signature, .. frame.Signature.Span];
        envelope[1] = (byte)MessageKind.Prepare;

        Expect(RejectReason.BadSignature, envelope);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Of_another_cluster(Sample sample) => Expect(RejectReason.WrongCluster, Make(sample, _other));

    [Theory, MemberData(nameof(Samples))]
    public void Of_another_cluster_of_the_same_replicas_and_relabelled(Sample sample)
    {
        var frame = Forge.Frame(Make(sample));
        var otherId = new ClusterId(_cluster.Membership.Id.Value + 1);
        var body = frame.Body.ToArray();
        var envelope = frame.IsFromClient
            ? Forge.ByClient(_cluster, body, id: otherId)
            : Forge.ByReplica(_cluster, frame.Kind, body, id: otherId, payload: Payload(frame));
        Expect(RejectReason.WrongCluster, envelope);

        frame.Signed.Span.Slice(2, ClusterId.Bytes).CopyTo(envelope.AsSpan(2));

        Expect(RejectReason.BadSignature, envelope);
    }

    [Theory, MemberData(nameof(Samples))]
    public void An_altered_body(Sample sample)
    {
        var envelope = Make(sample);
        var frame = Forge.Frame(envelope);
        var start = frame.Signed.Length - frame.Body.Length;

        for (var i = start; i < frame.Signed.Length; i++) ExpectAltered(RejectReason.BadSignature, envelope, i);
    }

    [Theory, MemberData(nameof(Samples))]
    public void An_altered_signature(Sample sample)
    {
        var envelope = Make(sample);
        var frame = Forge.Frame(envelope);
        var end = EnvelopeFrame.HasPayload(frame.Kind) ? frame.Signed.Length + EnvelopeEncoding.SignatureSealBytes : envelope.Length;

        for (var i = end - EnvelopeEncoding.SignatureBytes; i < end; i++) ExpectAltered(RejectReason.BadSignature, envelope, i);
    }

    [Theory]
    [InlineData(Sample.PrePrepare)]
    [InlineData(Sample.Batch)]
    public void An_altered_payload(Sample sample)
    {
        var envelope = Make(sample);
        var payload = Forge.Frame(envelope).Payload.Length;

        for (var i = envelope.Length - payload; i < envelope.Length; i++) ExpectAltered(RejectReason.DigestMismatch, envelope, i);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Bytes_behind_its_end(Sample sample)
    {
        Expect(RejectReason.TrailingBytes, [.. Make(sample), 0]);
        Expect(RejectReason.TrailingBytes, [.. Make(sample), .. Make(sample)]);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Truncated_at_every_length(Sample sample)
    {
        var envelope = Make(sample);

        foreach (var length in PropertyCheck.Cases(Enumerable.Range(0, envelope.Length))) Expect(RejectReason.Truncated, envelope[..length]);
    }

    [Theory, MemberData(nameof(Samples))]
    public void No_bit_of_it_can_be_changed(Sample sample)
    {
        var envelope = Make(sample);
        var opener = _cluster.Opener();

        foreach (var i in PropertyCheck.Cases(Enumerable.Range(0, 8 * envelope.Length)))
        {
            var bit = (byte)(1 << (i % 8));
            envelope[i / 8] ^= bit;
            Assert.NotEqual(RejectReason.None, opener.TryOpen(envelope, out var input));
            Assert.Equal(InputKind.None, input.Kind);
            envelope[i / 8] ^= bit;
        }
    }

    [Theory, MemberData(nameof(Samples))]
    public void Header_fields_of_no_meaning(Sample sample)
    {
        ExpectWith(RejectReason.UnknownVersion, sample, at: 0, 0);
        ExpectWith(RejectReason.UnknownVersion, sample, at: 0, 2);
        ExpectWith(RejectReason.UnknownKind, sample, at: 1, 0);
        ExpectWith(RejectReason.UnknownKind, sample, at: 1, (byte)(Enum.GetValues<MessageKind>().Max() + 1));
        ExpectWith(RejectReason.UnknownKind, sample, at: 1, 255);
        ExpectWith(RejectReason.Malformed, sample, at: 18, 2);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(255)]
    public void A_replica_the_cluster_does_not_have(byte index)
    {
        var body = Forge.Frame(Make(Sample.Commit)).Body.ToArray();

        Expect(RejectReason.SenderNotInCluster, Forge.ByReplica(_cluster, MessageKind.Commit, body, new(index), _other.Keys[0]));
    }

    [Fact]
    public void A_body_longer_than_its_kind_can_be_is_refused_before_it_has_arrived()
    {
        foreach (var sample in Enum.GetValues<Sample>())
        {
            var envelope = Make(sample);
            var start = Forge.Frame(envelope).Signed.Length - Forge.Frame(envelope).Body.Length;
            envelope.AsSpan(start - 4, 4).Fill(0xFF);

            Expect(RejectReason.TooLarge, envelope[..start]);
        }
    }

    [Fact]
    public void A_client_that_is_not_listed()
    {
        var request = _cluster.Request();
        var listed = _cluster.Opener(ClientAccess.Listed([request.Id.Client]));
        var notListed = _cluster.Opener(ClientAccess.Listed([_other.Keys[0].PublicKey.ClientId]));

        Assert.Equal(RejectReason.None, listed.TryOpen(request.Envelope, out _));
        Assert.Equal(RejectReason.ClientNotAllowed, notListed.TryOpen(request.Envelope, out _));
        Assert.Equal(RejectReason.BadRequestInBatch, notListed.TryOpen(_cluster.Sealer(R0).Seal(Proposal(request)), out _));
    }

    /// <summary>A batch that is fetched was found acceptable by a correct replica when it was proposed: the list may have changed since.</summary>
    [Fact]
    public void A_fetched_batch_is_opened_whoever_is_listed_now_and_its_signatures_are_verified_all_the_same()
    {
        var request = _cluster.Request();
        var notListed = _cluster.Opener(ClientAccess.Listed([_other.Keys[0].PublicKey.ClientId]));
        var fetched = new FetchedBatch(new(5), BatchEncoding.Encode(new(1), [request]), R0);
        var altered = request.Envelope.ToArray();
        altered[^1] ^= 1;
        var forged = new FetchedBatch(new(5), BatchEncoding.Encode(new(1), [new(request.Id, [], altered)]), R0);

        Assert.Equal(RejectReason.None, notListed.TryOpen(_cluster.Sealer(R0).Seal(fetched), out _));
        Assert.Equal(RejectReason.BadRequestInBatch, notListed.TryOpen(_cluster.Sealer(R0).Seal(forged), out _));
        Assert.Equal(RejectReason.ClientNotAllowed, notListed.TryOpen(request.Envelope, out _));
    }

    [Fact]
    public void A_client_whose_key_is_not_on_the_curve()
    {
        var body = Forge.Frame(Make(Sample.Request)).Body.ToArray();

        Expect(RejectReason.BadKey, Forge.ByClient(_cluster, body, claimed: default(PublicKey)));
        Expect(RejectReason.BadKey, Forge.ByClient(_cluster, body, claimed: new PublicKey(Enumerable.Repeat((byte)0xFF, 64).ToArray())));
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _other.Dispose();
    }

    private static byte[]? Payload(EnvelopeFrame frame) => EnvelopeFrame.HasPayload(frame.Kind) ? frame.Payload.ToArray() : null;

    private byte[] Make(Sample sample, TestCluster? of = null)
    {
        var cluster = of ?? _cluster;
        var sealer = cluster.Sealer(R0);
        return sample switch
        {
            Sample.Request => cluster.Request().Envelope.ToArray(),
            Sample.OpenSession => cluster.Client.SealOpenSession(77).Envelope.ToArray(),
            Sample.PrePrepare => sealer.Seal(Proposal(cluster.Request(1), cluster.Request(2))),
            Sample.Prepare => sealer.Seal(new Vote(VotePhase.Prepare, new(0), new(5), Digest.Of("d"u8), R0)),
            Sample.Commit => sealer.Seal(new Vote(VotePhase.Commit, new(0), new(5), Digest.Of("d"u8), R0)),
            Sample.Checkpoint => sealer.Seal(new Checkpoint(new(128), Digest.Of("s"u8), R0)),
            Sample.Status => sealer.Seal(new Status(new(0), true, new(128), new(130), R0)),
            Sample.Suspect => sealer.Seal(new Suspect(new(1), R0)),
            Sample.ViewChange => sealer.Seal(PeerMessages.ViewChange(R0)),
            Sample.NewView => sealer.Seal(PeerMessages.NewView(cluster, R0)),
            Sample.FetchBatch => sealer.Seal(new FetchBatch(new(5), Digest.Of("d"u8), R0)),
            Sample.Batch => sealer.Seal(new FetchedBatch(new(5), Proposal(cluster.Request(1), cluster.Request(2)).Batch, R0)),
            Sample.FetchChunks => sealer.Seal(new FetchChunks(new(128), [ChunkId.Header, PeerMessages.Id(1, 1, 3, 0xAB, 0xC0)], R0)),
            Sample.Chunks => sealer.Seal(new Chunks(new(128), [new(ChunkId.Header, Bytes("header")), new(PeerMessages.Id(2, 0, 1, 0x50), Bytes("c"))], R0)),
            Sample.Reply => sealer.SealReplies([cluster.Reply()])[0],
            Sample.ReplyOfThree => sealer.SealReplies([cluster.Reply(1), cluster.Reply(2), cluster.Reply(3)])[1],
            Sample.Read => cluster.Client.SealRead(9, [Bytes("get a")]).Envelope.ToArray(),
            Sample.ReadReply => sealer.SealReplies([], [cluster.ReadReply()])[0],
            _ => throw new ArgumentOutOfRangeException(nameof(sample)),
        };
    }

    private void Expect(RejectReason expected, byte[] envelope)
    {
        Assert.Equal(expected, _cluster.Opener().TryOpen(envelope, out var input));
        Assert.Equal(expected == RejectReason.None, input.Kind != InputKind.None);
    }

    private void ExpectWith(RejectReason expected, Sample sample, int at, byte value)
    {
        var envelope = Make(sample);
        envelope[at] = value;
        Expect(expected, envelope);
    }

    private void ExpectAltered(RejectReason expected, byte[] envelope, int at)
    {
        envelope[at] ^= 0x01;
        Expect(expected, envelope);
        envelope[at] ^= 0x01;
    }
}
