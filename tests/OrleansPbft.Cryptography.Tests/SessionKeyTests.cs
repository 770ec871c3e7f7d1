using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>How two find each other's session keys, whatever is lost, restarted, or replayed (rule A-2).</summary>
public sealed class SessionKeyTests
{
    [Fact]
    public void Replicas_that_start_together_have_sessions_without_a_loss()
    {
        using var cluster = new MacCluster();

        for (var from = 0; from < 4; from++)
        {
            for (var to = 0; to < 4; to++)
            {
                if (from == to) continue;
                var envelope = cluster.Seal(from, to, MacCluster.StatusOf(from));
                Assert.Equal(SealType.Mac, Frame(envelope).SealType);
                Assert.Equal(RejectReason.None, cluster.Replicas[to].Receive(envelope));
            }
        }
    }

    [Fact]
    public void Who_is_not_known_yet_gets_signatures_and_is_asked()
    {
        using var cluster = new MacCluster(meet: false);

        var first = cluster.Replicas[0].Outgoing;
        first.Send(ReplicaSet.Empty.With(new(1)), MacCluster.StatusOf(0));
        first.Flush();

        var sent = cluster.Log.TakeLast(2).ToArray();
        Assert.Equal([MessageKind.SessionKey, MessageKind.Status], sent.Select(static one => one.Kind).Order().Reverse());
        Assert.Equal(SealType.Signature, Frame(sent.Single(static one => one.Kind == MessageKind.Status).Envelope).SealType);
        cluster.Deliver();
        Assert.Equal(SealType.Mac, Frame(cluster.Seal(0, 1, MacCluster.StatusOf(0))).SealType);
    }

    [Fact]
    public void A_restarted_replica_is_heard_at_once()
    {
        using var cluster = new MacCluster();
        cluster.Time.Advance(TimeSpan.FromSeconds(1));

        cluster.Replicas[1].Restart();
        cluster.Deliver();

        Assert.Equal(RejectReason.None, cluster.Replicas[0].Receive(cluster.Seal(1, 0, MacCluster.StatusOf(1))));
        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(cluster.Seal(0, 1, MacCluster.StatusOf(0))));
    }

    [Fact]
    public void A_mac_under_an_unknown_key_is_dropped_and_the_two_converge()
    {
        using var cluster = new MacCluster();
        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        cluster.Replicas[1].Restart(announces: false); // what it said at its start was lost

        var stale = cluster.Seal(0, 1, MacCluster.StatusOf(0));
        Assert.Equal(RejectReason.UnknownSessionKey, cluster.Replicas[1].Receive(stale));
        cluster.Deliver();

        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(cluster.Seal(0, 1, MacCluster.StatusOf(0))));
        Assert.Equal(RejectReason.None, cluster.Replicas[0].Receive(cluster.Seal(1, 0, MacCluster.StatusOf(1))));
        Assert.Equal(RejectReason.UnknownSessionKey, cluster.Replicas[1].Receive(stale));
    }

    [Fact]
    public void An_old_announcement_that_is_replayed_displaces_nothing()
    {
        using var cluster = new MacCluster();
        var old = cluster.Log.First(static sent => sent.Kind == MessageKind.SessionKey && sent.From == SessionParty.Of(new ReplicaId(1))).Envelope;
        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        cluster.Replicas[1].Restart();
        cluster.Deliver();
        cluster.Time.Advance(TimeSpan.FromMinutes(2)); // the key it announces has ended too

        var before = cluster.Seal(0, 1, MacCluster.StatusOf(0));
        for (var i = 0; i < 3; i++) cluster.Replicas[0].Receive(old);
        var after = cluster.Seal(0, 1, MacCluster.StatusOf(0));

        Assert.Equal(Frame(before).ReceiverEpoch, Frame(after).ReceiverEpoch);
        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(after));
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    [InlineData(-1)]
    public void A_replica_that_restarts_with_a_wrong_clock_goes_on_from_what_it_has_signed(int seconds)
    {
        using var cluster = new MacCluster();
        var before = cluster.Replicas[1].Sessions.Epoch;
        cluster.Replicas[1].Time.Offset = TimeSpan.FromSeconds(seconds);

        cluster.Replicas[1].Restart();
        cluster.Deliver();

        Assert.True(cluster.Replicas[1].Sessions.Epoch > before);
        foreach (var other in new[] { 0, 2, 3 })
        {
            Assert.Equal(RejectReason.None, cluster.Replicas[other].Receive(cluster.Seal(1, other, MacCluster.StatusOf(1))));
            Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(cluster.Seal(other, 1, MacCluster.StatusOf(other))));
        }
    }

    [Fact]
    public void Nobody_but_its_owner_can_raise_an_epoch()
    {
        using var cluster = new MacCluster();
        var epoch = cluster.Replicas[1].Sessions.Epoch;
        var forged = Announce(cluster, sender: 1, key: 2, epoch: WireLimits.NumberMax);

        Assert.Equal(RejectReason.BadSignature, cluster.Replicas[1].Receive(forged));
        Assert.Equal(RejectReason.BadSignature, cluster.Replicas[0].Receive(forged));
        Assert.Equal(epoch, cluster.Replicas[1].Sessions.Epoch);
    }

    [Fact]
    public void Keys_are_rotated_without_a_loss_and_the_old_ones_end()
    {
        using var cluster = new MacCluster();
        Assert.Equal(RejectReason.None, cluster.Replicas[0].Receive(cluster.Seal(1, 0, MacCluster.StatusOf(1)))); // it has shown that it knows ours
        var old = cluster.Seal(0, 1, MacCluster.StatusOf(0));
        cluster.Time.Advance(TimeSpan.FromMinutes(61));

        var epoch = cluster.Replicas[0].Sessions.Epoch;
        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(cluster.Seal(0, 1, MacCluster.StatusOf(0)))); // both turn their keys here; the news are lost
        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(old));
        Assert.True(cluster.Replicas[0].Sessions.Epoch > epoch);
        Assert.Contains(cluster.Log.TakeLast(8), static sent => sent.Kind == MessageKind.SessionKey);

        cluster.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(RejectReason.UnknownSessionKey, cluster.Replicas[1].Receive(old));
        cluster.Deliver();
        Assert.Equal(RejectReason.None, cluster.Replicas[1].Receive(cluster.Seal(0, 1, MacCluster.StatusOf(0))));
    }

    [Fact]
    public void Until_the_other_knows_the_new_key_the_old_one_is_used()
    {
        using var cluster = new MacCluster();
        Assert.Equal(RejectReason.None, cluster.Replicas[0].Receive(cluster.Seal(1, 0, MacCluster.StatusOf(1)))); // it has shown that it knows ours
        var epoch = cluster.Replicas[0].Sessions.Epoch;
        cluster.Time.Advance(TimeSpan.FromMinutes(61));

        var envelope = cluster.Seal(0, 1, MacCluster.StatusOf(0));

        Assert.True(cluster.Replicas[0].Sessions.Epoch > epoch);
        Assert.Equal(epoch, Frame(envelope).SenderEpoch);
    }

    [Fact]
    public void What_strangers_send_costs_no_agreement()
    {
        using var cluster = new MacCluster();
        using var others = new MacCluster(firstSecret: 11);
        var good = cluster.Seal(0, 1, MacCluster.StatusOf(0));
        var replica = cluster.Replicas[1];
        replica.Receive(good);
        var agreements = replica.Sessions.Agreements;

        for (var i = 0; i < 50; i++)
        {
            replica.Receive(others.Seal(0, 1, MacCluster.StatusOf(0)));
            var spoiled = (byte[])good.Clone();
            spoiled[^1] ^= 1;
            replica.Receive(spoiled); // a bad MAC under known keys
            spoiled[good.Length - EnvelopeEncoding.MacBytes - 1] ^= 1;
            replica.Receive(spoiled); // under a key that is not known
            replica.Receive(Announce(cluster, sender: 0, key: 3, epoch: 5_000_000_000_000_000 + i));
        }

        Assert.Equal(agreements, replica.Sessions.Agreements);
        Assert.Equal(200, replica.Rejected.Count);
    }

    [Fact]
    public void A_replica_that_announces_without_end_is_held_up()
    {
        using var cluster = new MacCluster();
        var replica = cluster.Replicas[1];
        var reasons = Enumerable.Range(1, 100).Select(i => replica.Receive(Announce(cluster, sender: 0, key: 0, epoch: 5_000_000_000_000_000 + i))).ToArray();

        Assert.InRange(reasons.Count(static reason => reason == RejectReason.None), 1, 10);
        Assert.Equal(RejectReason.TooManySessionKeys, reasons[^1]);
        cluster.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(RejectReason.None, replica.Receive(Announce(cluster, sender: 0, key: 0, epoch: 6_000_000_000_000_000)));
    }

    [Fact]
    public void Keys_of_clients_are_bounded_in_number_and_rate()
    {
        using var cluster = new MacCluster(new() { ClientsMax = 8, ClientKeysEachSecond = 4 });
        var replica = cluster.Replicas[1];
        var reasons = new List<RejectReason>();
        for (var i = 0; i < 60; i++)
        {
            using var key = KeyPair.Create();
            using var sessions = SessionKeys.OfClient(cluster.Membership.Id, 4, key, time: cluster.Time);
            var sink = new Kept();
            sessions.Attach(sink);
            sessions.Announce();
            reasons.Add(replica.Receive(sink.Envelopes[1]));
        }

        Assert.Equal(20, reasons.Count(static reason => reason == RejectReason.None)); // five times as many at once
        Assert.Equal(40, reasons.Count(static reason => reason == RejectReason.TooManySessionKeys));
        Assert.InRange(replica.Sessions.Clients, 1, 8);
    }

    /// <summary>What is kept for the next MAC serves one thread at a time.</summary>
    [Fact]
    public void A_key_makes_the_same_macs_for_many_threads()
    {
        var key = new SessionMacKey(new byte[32]);
        var party = SessionParty.Of(new ReplicaId(1));
        var expected = Enumerable.Range(0, 64).Select(MacOf).ToArray();

        Parallel.For(0, 4096, i => Assert.Equal(expected[i % 64], MacOf(i % 64)));

        Assert.Equal(64, expected.Distinct().Count());

        string MacOf(int i)
        {
            var mac = new byte[EnvelopeEncoding.MacBytes];
            Assert.True(key.TryCompute(party, 1, 2, new byte[i], mac));
            return Convert.ToHexString(mac);
        }
    }

    [Fact]
    public void Dropped_keys_are_zeroed_and_none_is_shown()
    {
        using var cluster = new MacCluster();
        using var keyPair = KeyPair.Create();
        using var secret = System.Security.Cryptography.ECDiffieHellman.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var own = new OwnSessionKey(7, secret, madeAt: 0);
        var party = SessionParty.Of(new ReplicaId(1));
        var pair = new PairKeys(cluster.Membership.Id, SessionParty.Of(new ReplicaId(0)), own, party, new(9, keyPair.PublicKey, []));
        own.Keep(party, 9, pair);
        Assert.True(pair.Sending.Bytes.ContainsAnyExcept((byte)0));
        Assert.True(pair.Receiving.Bytes.ContainsAnyExcept((byte)0));
        Assert.False(pair.Sending.Bytes.SequenceEqual(pair.Receiving.Bytes));
        Span<byte> mac = stackalloc byte[EnvelopeEncoding.MacBytes];
        Assert.True(pair.Sending.TryCompute(party, 7, 9, "used"u8, mac)); // the other one is not, before it is dropped

        own.Dispose();

        Assert.False(pair.Sending.TryCompute(party, 7, 9, "used"u8, mac)); // under zeroes, anybody could
        Assert.False(pair.Receiving.TryCompute(party, 7, 9, "used"u8, mac));

        Assert.False(pair.Sending.Bytes.ContainsAnyExcept((byte)0));
        Assert.False(pair.Receiving.Bytes.ContainsAnyExcept((byte)0));
        Assert.Equal($"session keys of r0, epoch {cluster.Replicas[0].Sessions.Epoch}", cluster.Replicas[0].Sessions.ToString());
    }

    [Fact]
    public void A_key_that_is_not_on_the_curve_is_not_taken()
    {
        using var cluster = new MacCluster();
        var envelope = Announce(cluster, sender: 0, key: 0, epoch: 5_000_000_000_000_000, point: new(new byte[PublicKey.Bytes]));

        Assert.Equal(RejectReason.BadKey, cluster.Replicas[1].Receive(envelope));
    }

    [Theory]
    [InlineData(0, 0)] // no epoch
    [InlineData(-1, 0)]
    [InlineData(1, 2)] // neither asks nor does not
    public void A_malformed_announcement_is_refused(long epoch, byte asks)
    {
        using var cluster = new MacCluster();

        Assert.Equal(RejectReason.Malformed, cluster.Replicas[1].Receive(Announce(cluster, sender: 0, key: 0, epoch, asks: asks)));
    }

    [Fact]
    public void A_cluster_that_signs_everything_takes_no_keys_and_no_macs()
    {
        using var cluster = new MacCluster();
        var opener = cluster.Keys.Opener();

        Assert.Equal(RejectReason.WrongMode, opener.TryOpen(Announce(cluster, sender: 0, key: 0, epoch: 1), new List<Input>()));
        Assert.Equal(RejectReason.WrongMode, opener.TryOpen(cluster.Seal(0, 1, MacCluster.StatusOf(0)), new List<Input>()));
        Assert.Equal(RejectReason.WrongMode, opener.TryOpen(cluster.Client.Client.SealOpenSession(1).Envelope, new List<Input>()));
        Assert.Equal(RejectReason.WrongMode, opener.TryOpenOfClient(Announce(cluster, sender: 0, key: 0, epoch: 1), out _));
    }

    private static EnvelopeFrame Frame(ReadOnlyMemory<byte> envelope) => Forge.Frame(envelope.ToArray());

    private static byte[] Announce(MacCluster cluster, int sender, int key, long epoch, PublicKey? point = null, byte asks = 0)
    {
        using var pair = KeyPair.Create();
        var body = Forge.Body((ref WireWriter writer) =>
        {
            Span<byte> bytes = stackalloc byte[PublicKey.Bytes];
            (point ?? pair.PublicKey).CopyTo(bytes);
            writer.WriteInt64(epoch);
            writer.WriteBytes(bytes);
            writer.WriteIdentifier(default);
            writer.WriteByte(asks);
        });
        return Forge.ByReplica(cluster.Keys, MessageKind.SessionKey, body, new(sender), cluster.Keys.Keys[key]);
    }

    private sealed class Kept : IEnvelopeSink
    {
        public List<byte[]> Envelopes { get; } = [];

        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => Envelopes.Add(envelope.ToArray());

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => throw new InvalidOperationException("A client says nothing to clients.");
    }
}
