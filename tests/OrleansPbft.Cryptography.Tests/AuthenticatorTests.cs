using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A client's MACs beside its signature: good for speed, and for nothing else (rule A-3, LESSONS B47).</summary>
public sealed class AuthenticatorTests : IDisposable
{
    private readonly MacCluster _cluster = new();

    /// <summary>The signature is what counts for a request by itself: whatever a client does with its MACs, all replicas agree about it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_the_macs_say_a_request_by_itself_is_what_its_signature_is(bool isSignedWell)
    {
        var good = Request();
        for (var subset = 0; subset < 16; subset++)
        {
            var envelope = Spoil(good, subset, spoilSignature: !isSignedWell);
            foreach (var replica in _cluster.Replicas)
            {
                Assert.Equal(isSignedWell ? RejectReason.None : RejectReason.BadSignature, replica.Receive(envelope));
                Assert.Equal(isSignedWell ? RejectReason.None : RejectReason.BadSignature, replica.Opener.TryOpenOfClient(envelope, out _));
            }
        }
    }

    [Fact]
    public void In_a_proposal_a_good_mac_saves_the_signature()
    {
        var replica = _cluster.Replicas[1];
        var known = replica.Verifier.Signatures.Count;

        Assert.Equal(RejectReason.None, replica.Receive(Propose(Request())));

        Assert.Equal(known + 1, replica.Verifier.Signatures.Count); // the primary's
        Assert.False(replica.Inputs[^1].PrePrepare.IsDoubtful);
    }

    /// <summary>The big MAC attack: any subset of good MACs, and a good signature. Nobody notices, but by the time it takes.</summary>
    [Fact]
    public void Bad_macs_under_a_good_signature_change_nothing()
    {
        for (var subset = 0; subset < 16; subset++)
        {
            var proposal = Propose(Spoil(Request(), subset, spoilSignature: false));
            foreach (var replica in _cluster.Replicas)
            {
                Assert.Equal(RejectReason.None, replica.Receive(proposal));
                Assert.False(replica.Inputs[^1].PrePrepare.IsDoubtful);
            }
        }
    }

    /// <summary>Only a faulty primary proposes a bad signature: those whose MAC is bad keep the proposal without a vote, those whose MAC is good know the client asked.</summary>
    [Fact]
    public void A_bad_signature_in_a_proposal_is_doubted_by_those_whose_mac_is_bad()
    {
        for (var subset = 0; subset < 16; subset++)
        {
            var proposal = Propose(Spoil(Request(), subset, spoilSignature: true));
            for (var i = 0; i < 4; i++)
            {
                Assert.Equal(RejectReason.None, _cluster.Replicas[i].Receive(proposal));
                Assert.Equal((subset >> i & 1) == 0, _cluster.Replicas[i].Inputs[^1].PrePrepare.IsDoubtful);
            }
        }
    }

    [Fact]
    public void A_batch_that_was_asked_for_is_believed_for_its_digest()
    {
        var batch = BatchOf(Spoil(Request(), subset: 0, spoilSignature: true));
        var envelope = _cluster.Keys.Sealer(new(2)).Seal(new FetchedBatch(new(5), batch, new(2)));

        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(envelope));
        Assert.Equal(batch.Digest, _cluster.Replicas[1].Inputs[^1].Batch.Batch.Digest);
        envelope[^1] ^= 1;
        Assert.Equal(RejectReason.DigestMismatch, _cluster.Replicas[1].Receive(envelope));
    }

    /// <summary>A replica has the client's key with itself and with no other: it can make the MAC for itself, and for nobody else.</summary>
    [Fact]
    public void No_replica_can_make_the_macs_of_a_client_for_another()
    {
        var forged = Spoil(Request(), subset: 15, spoilSignature: true);
        var body = Forge.Frame(forged);
        forged[body.Signed.Length - 1] ^= 1; // another operation than the client asked for

        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(Propose(forged)));
        Assert.True(_cluster.Replicas[1].Inputs[^1].PrePrepare.IsDoubtful);
        Assert.Equal(RejectReason.BadSignature, _cluster.Replicas[1].Receive(forged));
    }

    [Fact]
    public void A_mac_for_one_replica_is_none_for_another()
    {
        var request = Request();
        var frame = Forge.Frame(request);
        var macs = request.Length - (4 * EnvelopeEncoding.MacBytes);
        frame.Macs.Span[..EnvelopeEncoding.MacBytes].CopyTo(request.AsSpan(macs + EnvelopeEncoding.MacBytes)); // the first replica's in the place of the second's
        request[frame.Signed.Length + 1] ^= 1; // and no signature

        _cluster.Replicas[1].Receive(Propose(request));

        Assert.True(_cluster.Replicas[1].Inputs[^1].PrePrepare.IsDoubtful);
    }

    [Fact]
    public void A_replica_without_a_session_verifies_the_signature_and_asks()
    {
        var replica = _cluster.Replicas[1].Restart();
        _cluster.Deliver();
        var before = _cluster.Log.Count;

        Assert.Equal(RejectReason.None, replica.Receive(Propose(Request())));

        Assert.False(replica.Inputs[^1].PrePrepare.IsDoubtful);
        var asked = Assert.Single(_cluster.Log.Skip(before));
        Assert.Equal((MessageKind.SessionKey, _cluster.Client.Party), (asked.Kind, asked.To));
        _cluster.Deliver();
        var known = replica.Verifier.Signatures.Count;
        replica.Receive(Propose(Request(2)));
        Assert.Equal(known + 1, replica.Verifier.Signatures.Count);
    }

    [Fact]
    public void A_read_needs_one_of_the_two()
    {
        var read = _cluster.Client.Client.SealRead(5, [TestCluster.Bytes("get a")]).Envelope.ToArray();
        var replica = _cluster.Replicas[1];
        var known = replica.Verifier.Signatures.Count;

        Assert.Equal(RejectReason.None, replica.Receive(read));
        Assert.Equal(known, replica.Verifier.Signatures.Count);
        Assert.Equal(RejectReason.None, replica.Receive(Spoil(read, subset: 0, spoilSignature: false)));
        Assert.Equal(RejectReason.BadSignature, replica.Receive(Spoil(read, subset: 0, spoilSignature: true)));
    }

    [Fact]
    public void A_request_without_macs_is_as_good()
    {
        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(_cluster.Keys.Request().Envelope));
        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(Propose(_cluster.Keys.Request().Envelope.ToArray())));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void An_authenticator_has_one_mac_for_each_replica(int replicas)
    {
        var request = Request();
        var frame = Forge.Frame(request);
        var count = request.Length - (4 * EnvelopeEncoding.MacBytes) - 1;
        byte[] wrong = [.. request.AsSpan(0, count), (byte)replicas, .. new byte[replicas * EnvelopeEncoding.MacBytes]];

        Assert.Equal(SealType.SignatureAndMacs, frame.SealType);
        Assert.Equal(RejectReason.Malformed, _cluster.Replicas[1].Receive(wrong));
        Assert.Equal(RejectReason.Truncated, _cluster.Replicas[1].Receive(wrong.AsMemory(0, wrong.Length - 1)));
    }

    [Fact]
    public void After_its_keys_are_replaced_a_client_is_believed_as_before()
    {
        _cluster.Time.Advance(TimeSpan.FromMinutes(61));
        var replica = _cluster.Replicas[1];

        Assert.Equal(RejectReason.None, replica.Receive(Propose(Request()))); // the client's news are on their way
        _cluster.Deliver();
        var known = replica.Verifier.Signatures.Count;
        Assert.Equal(RejectReason.None, replica.Receive(Propose(Request(2))));
        Assert.Equal(known + 1, replica.Verifier.Signatures.Count);
    }

    public void Dispose() => _cluster.Dispose();

    private static Batch BatchOf(byte[] request)
    {
        var id = new RequestId(new(1), new(7), 1);
        return BatchEncoding.Encode(new(1_700_000_000_000_000), [new(id, [], request)]);
    }

    /// <summary>The request with good MACs for the replicas of a subset only, and its signature damaged or not.</summary>
    private static byte[] Spoil(byte[] request, int subset, bool spoilSignature)
    {
        var spoiled = (byte[])request.Clone();
        var macs = spoiled.Length - (4 * EnvelopeEncoding.MacBytes);
        for (var i = 0; i < 4; i++)
        {
            if ((subset >> i & 1) == 0) spoiled[macs + (i * EnvelopeEncoding.MacBytes)] ^= 1;
        }

        if (spoilSignature) spoiled[macs - sizeof(long) - 1 - 1] ^= 1; // its last byte
        return spoiled;
    }

    private byte[] Request(long number = 1) => _cluster.Client.Client.SealRequest(TestCluster.Session, number, [TestCluster.Bytes("put a 1")]).Envelope.ToArray();

    private byte[] Propose(byte[] request) => _cluster.Keys.Sealer(new(0)).Seal(new PrePrepare(new(0), new(5), BatchOf(request), new(0)));
}
