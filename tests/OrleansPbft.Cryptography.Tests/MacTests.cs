using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>What a MAC proves, and what it does not: of these bytes, from this sender, for this receiver, under these keys, in this cluster (rules ).</summary>
public sealed class MacTests : IDisposable
{
    private readonly MacCluster _cluster = new();

    [Fact]
    public void No_byte_of_an_envelope_can_be_altered()
    {
        var envelope = _cluster.Seal(0, 1, MacCluster.StatusOf(0), new Checkpoint(new(128), Digest.Of("s"u8), new(0)));

        for (var i = 0; i < envelope.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var altered = (byte[])envelope.Clone();
                altered[i] ^= (byte)(1 << bit);
                Assert.NotEqual(RejectReason.None, _cluster.Replicas[1].Receive(altered));
            }
        }

        Assert.Empty(_cluster.Replicas[1].Inputs);
        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(envelope));
    }

    [Fact]
    public void It_is_for_one_receiver()
    {
        var envelope = _cluster.Seal(0, 1, MacCluster.StatusOf(0));

        // All started at one time, so the epochs in it are those of the others too: only the key and the receiver in it differ.
        Assert.Equal(_cluster.Replicas[1].Sessions.Epoch, _cluster.Replicas[2].Sessions.Epoch);
        Assert.Equal(RejectReason.BadMac, _cluster.Replicas[2].Receive(envelope));
        Assert.Equal(RejectReason.BadMac, _cluster.Client.Receive(envelope));
    }

    [Fact]
    public void It_is_not_its_senders_when_it_comes_back()
    {
        Assert.Equal(RejectReason.WrongSender, _cluster.Replicas[0].Receive(_cluster.Seal(0, 1, MacCluster.StatusOf(0))));
    }

    [Fact]
    public void It_is_not_anothers_with_the_same_key_in_the_other_direction()
    {
        var envelope = _cluster.Seal(0, 1, MacCluster.StatusOf(0));
        var reflected = (byte[])envelope.Clone();
        reflected[2 + ClusterId.Bytes + 1] = 1; // the sender

        Assert.Equal(RejectReason.BadMac, _cluster.Replicas[0].Receive(reflected));
    }

    [Fact]
    public void It_names_both_epochs()
    {
        var envelope = _cluster.Seal(0, 1, MacCluster.StatusOf(0));
        var epochs = envelope.Length - EnvelopeEncoding.MacBytes - (2 * sizeof(long));
        foreach (var at in new[] { epochs, epochs + sizeof(long) })
        {
            var altered = (byte[])envelope.Clone();
            altered[at]++;
            Assert.Equal(RejectReason.UnknownSessionKey, _cluster.Replicas[1].Receive(altered));
        }
    }

    [Fact]
    public void It_is_of_one_cluster()
    {
        using var other = new MacCluster(firstSecret: 11);

        Assert.Equal(RejectReason.WrongCluster, _cluster.Replicas[1].Receive(other.Seal(0, 1, MacCluster.StatusOf(0))));
    }

    /// <summary>Keys are bound to the cluster: two clusters with one replica's key in both, even with equal session keys, have others.</summary>
    [Fact]
    public void Keys_are_bound_to_cluster_and_parties_and_epochs()
    {
        using var theirs = KeyPair.Create();
        byte[] Derive(ulong cluster, int self, int peer, long own, long other)
        {
            using var secret = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[31], 5] });
            var key = new OwnSessionKey(own, secret, 0);
            var pair = new PairKeys(new(cluster), SessionParty.Of(new ReplicaId(self)), key, SessionParty.Of(new ReplicaId(peer)), new(other, theirs.PublicKey, []));
            return pair.Sending.Bytes.ToArray();
        }

        byte[][] keys = [Derive(1, 0, 1, 1, 1), Derive(2, 0, 1, 1, 1), Derive(1, 2, 1, 1, 1), Derive(1, 0, 2, 1, 1), Derive(1, 0, 1, 2, 1), Derive(1, 0, 1, 1, 2)];

        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(keys[0], Derive(1, 0, 1, 1, 1));
    }

    [Theory]
    [InlineData(MessageKind.PrePrepare)]
    [InlineData(MessageKind.Suspect)]
    [InlineData(MessageKind.ViewChange)]
    [InlineData(MessageKind.NewView)]
    [InlineData(MessageKind.SessionKey)]
    public void It_is_not_enough_for_evidence(MessageKind kind)
    {
        var body = new byte[kind == MessageKind.Suspect ? sizeof(long) : 8];
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(kind) + body.Length + EnvelopeEncoding.MacSealBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, kind, _cluster.Membership.Id, new(0), body.Length);
        writer.WriteBytes(body);
        Assert.True(_cluster.Replicas[0].Sessions.TrySeal(SessionParty.Of(new ReplicaId(1)), epoch: 0, envelope.AsSpan(0, writer.Position), envelope.AsSpan(writer.Position)));

        Assert.Equal(RejectReason.SealNotAllowed, _cluster.Replicas[1].Receive(envelope));
    }

    [Fact]
    public void Signatures_are_as_good()
    {
        var vote = new Vote(VotePhase.Commit, new(1), new(2), Digest.Of("d"u8), new(0));

        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(_cluster.Keys.Sealer(new(0)).Seal(vote)));
        Assert.Equal(RejectReason.None, _cluster.Replicas[1].Receive(_cluster.Keys.Sealer(new(0)).SealReplies([_cluster.Keys.Reply(1), _cluster.Keys.Reply(2)])[1]));
    }

    public void Dispose() => _cluster.Dispose();
}
