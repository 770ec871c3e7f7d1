using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Many messages under one MAC, for each receiver its own, in order (rule A-2).</summary>
public sealed class OutgoingEnvelopesTests : IDisposable
{
    private static readonly Digest D = Digest.Of("d"u8);

    private readonly MacCluster _cluster = new();

    [Fact]
    public void What_leaves_together_shares_one_mac()
    {
        var (before, outgoing) = (_cluster.Log.Count, _cluster.Replicas[0].Outgoing);
        var others = new ClusterSize(4).All.Without(new(0));
        for (var n = 1; n <= 5; n++)
        {
            outgoing.Send(others, Vote(VotePhase.Prepare, n));
            outgoing.Send(others, Vote(VotePhase.Commit, n));
        }

        outgoing.Send(others, new Checkpoint(new(128), D, new(0)));
        Assert.Equal(before, _cluster.Log.Count);
        outgoing.Flush();

        Assert.Equal([MessageKind.Pack, MessageKind.Pack, MessageKind.Pack], _cluster.Log.Skip(before).Select(static sent => sent.Kind));
        _cluster.Deliver();
        foreach (var receiver in new[] { 1, 2, 3 })
        {
            var inputs = _cluster.Replicas[receiver].Inputs;
            Assert.Equal(11, inputs.Count);
            Assert.Equal(Vote(VotePhase.Prepare, 3), inputs[4].Vote);
            Assert.Equal(InputKind.Checkpoint, inputs[10].Kind);
        }

        outgoing.Flush();
        Assert.Equal(before + 3, _cluster.Log.Count);
    }

    [Fact]
    public void What_is_signed_keeps_its_place()
    {
        var to = ReplicaSet.Empty.With(new(1));
        var outgoing = _cluster.Replicas[0].Outgoing;
        outgoing.Send(to, Vote(VotePhase.Prepare, 1));
        outgoing.Send(to, new Suspect(new(0), new(0)));
        outgoing.Send(to, Vote(VotePhase.Commit, 1));
        outgoing.Relay(new(1), _cluster.Keys.Sealer(new(2)).Seal(new Suspect(new(0), new(2))));
        outgoing.Send(to, new FetchedBatch(new(5), TestCluster.Proposal(_cluster.Keys.Request(1)).Batch, new(0)));
        outgoing.Send(to, Vote(VotePhase.Commit, 2));
        outgoing.Flush();
        _cluster.Deliver();

        Assert.Equal(
            [InputKind.Vote, InputKind.Suspect, InputKind.Vote, InputKind.Suspect, InputKind.Batch, InputKind.Vote],
            _cluster.Replicas[1].Inputs.Select(static input => input.Kind));
    }

    [Fact]
    public void A_pack_is_bounded_and_what_is_long_goes_by_itself()
    {
        var (before, outgoing) = (_cluster.Log.Count, _cluster.Replicas[0].Outgoing);
        var to = ReplicaSet.Empty.With(new(1));
        for (var n = 1; n <= 2500; n++) outgoing.Send(to, Vote(VotePhase.Commit, n));
        var chunk = new byte[40_000];
        for (var i = 0; i < 3; i++) outgoing.Send(to, new Chunks(new(128), [new(ChunkId.Header, chunk)], new(0)));
        outgoing.Flush();

        var sent = _cluster.Log.Skip(before).ToArray();
        Assert.All(sent, static one => Assert.True(one.Envelope.Length <= EnvelopeEncoding.PackBodyBytesMax + 64));
        _cluster.Deliver();
        Assert.Equal(2503, _cluster.Replicas[1].Inputs.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_pack_of_fewer_than_two_is_no_pack(int count) => Assert.Equal(RejectReason.Malformed, Receive(count, Entry(MessageKind.Suspect, new byte[8])[..0]));

    [Fact]
    public void A_pack_is_opened_whole_or_not_at_all()
    {
        var good = Entry(MessageKind.Status, new byte[MessageEncoding.StatusBodyBytes]);

        Assert.Equal(RejectReason.None, Receive(2, [.. good, .. good]));
        Assert.Equal(2, _cluster.Replicas[1].Inputs.Count);
        Assert.Equal(RejectReason.Malformed, Receive(2, [.. good, .. good, 0]));
        Assert.Equal(RejectReason.Malformed, Receive(3, [.. good, .. good]));
        Assert.Equal(RejectReason.Malformed, Receive(2, [.. good, .. Entry(MessageKind.Status, new byte[MessageEncoding.StatusBodyBytes - 1])]));
        Assert.Equal(RejectReason.TooLarge, Receive(2, [.. good, .. Entry(MessageKind.Status, new byte[MessageEncoding.StatusBodyBytes + 1])]));
        foreach (var kind in new[] { MessageKind.Suspect, MessageKind.PrePrepare, MessageKind.Request, MessageKind.Pack, MessageKind.Batch, MessageKind.SessionKey })
        {
            Assert.Equal(RejectReason.Malformed, Receive(2, [.. good, .. Entry(kind, new byte[8])]));
        }

        Assert.Equal(2, _cluster.Replicas[1].Inputs.Count);
    }

    [Fact]
    public void A_pack_is_never_signed()
    {
        var entry = Entry(MessageKind.Status, new byte[MessageEncoding.StatusBodyBytes]);
        var envelope = Forge.ByReplica(_cluster.Keys, MessageKind.Pack, [2, 0, .. entry, .. entry]);

        Assert.Equal(RejectReason.SealNotAllowed, _cluster.Replicas[1].Receive(envelope));
    }

    [Fact]
    public void Who_asked_under_a_mac_is_answered_under_one_and_any_other_by_signature()
    {
        var replica = _cluster.Replicas[0];
        var epoch = _cluster.Client.Sessions.Epoch;
        Assert.Equal(SealType.BatchSignature, Answer(epoch).SealType); // it has a session, and has not shown that it knows ours

        Assert.Equal(epoch, AskBy(_cluster.Client));
        Assert.Equal(epoch, ReadBy(_cluster.Client));
        var pack = Answer(epoch);

        Assert.Equal((MessageKind.Pack, SealType.Mac), (pack.Kind, pack.SealType));
        Assert.Equal(RejectReason.None, _cluster.Client.Receive(pack.Envelope));
        Assert.Equal([InputKind.Reply, InputKind.Reply, InputKind.ReadReply], _cluster.Client.Inputs.Select(static input => input.Kind));
        Assert.Equal(SealType.BatchSignature, Answer(epoch: 0).SealType); // asked by who has no session
        _cluster.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(SealType.Mac, Answer(epoch).SealType); // an answer may take its time
        replica.Restart(); // and has no sessions
        Assert.Equal(SealType.BatchSignature, Answer(epoch).SealType);
    }

    [Fact]
    public void What_has_no_good_mac_for_this_replica_is_answered_by_signature()
    {
        var (replica, request) = (_cluster.Replicas[0], _cluster.Client.Client.SealOpenSession(1).Envelope.ToArray());
        request[^(4 * EnvelopeEncoding.MacBytes)] ^= 1; // replica 0's

        Assert.Equal(RejectReason.None, replica.Receive(request));

        Assert.Equal(0, replica.Inputs[^1].Request.KeyEpoch);
    }

    /// <summary>A SESSION-KEY is always signed. A port that sees one go by learns nothing of a program without MACs.</summary>
    [Fact]
    public void A_client_that_says_its_key_again_is_answered_under_macs_all_the_same()
    {
        var (replica, from) = (_cluster.Replicas[0], _cluster.Log.Count);
        var epoch = AskBy(_cluster.Client);
        _cluster.Client.Sessions.Announce();
        var announced = _cluster.Log.Skip(from).First(static sent => sent.Kind == MessageKind.SessionKey).Envelope;

        Assert.Equal(RejectReason.None, replica.Opener.TryOpenOfClient(announced, out _));

        Assert.Equal(SealType.Mac, Answer(epoch).SealType);
    }

    /// <summary>Also one that was started anew, and its predecessor: neither waits for the other to be forgotten.</summary>
    [Fact]
    public void Programs_with_one_clients_key_are_answered_each_under_its_own_macs()
    {
        var (one, two) = (_cluster.Client, _cluster.StartAnotherClient());
        Assert.NotEqual(one.Sessions.Epoch, two.Sessions.Epoch);
        Assert.Equal([one.Sessions.Epoch, two.Sessions.Epoch], [AskBy(one), AskBy(two)]);

        foreach (var (asker, other) in new[] { (one, two), (two, one) })
        {
            var pack = Answer(asker.Sessions.Epoch);
            Assert.Equal(SealType.Mac, pack.SealType);
            Assert.Equal(RejectReason.None, asker.Receive(pack.Envelope));
            Assert.Equal(RejectReason.UnknownSessionKey, other.Receive(pack.Envelope));
        }
    }

    [Fact]
    public void Programs_with_one_clients_key_share_no_pack()
    {
        var (one, two) = (_cluster.Client, _cluster.StartAnotherClient());
        var (first, second) = (AskBy(one), AskBy(two));
        var before = _cluster.Log.Count;

        _cluster.Replicas[0].Outgoing.Answer([ReplyTo(1, first), ReplyTo(2, second), ReplyTo(3, first), ReplyTo(4, 0)], []);

        var sent = _cluster.Log.Skip(before).Select(static one => Forge.Frame(one.Envelope.ToArray())).ToArray();
        Assert.Equal([MessageKind.Pack, MessageKind.Reply, MessageKind.Reply], sent.Select(static frame => frame.Kind));
        Assert.Equal([SealType.Mac, SealType.Mac, SealType.Signature], sent.Select(static frame => frame.SealType));
        Assert.Equal([RejectReason.None, RejectReason.UnknownSessionKey, RejectReason.None], sent.Select(frame => one.Receive(frame.Envelope)));
        Assert.Equal([RejectReason.UnknownSessionKey, RejectReason.None, RejectReason.None], sent.Select(frame => two.Receive(frame.Envelope)));
    }

    [Fact]
    public void Nothing_of_another_is_sealed()
    {
        var outgoing = _cluster.Replicas[0].Outgoing;

        Assert.Throws<ArgumentException>(() => outgoing.Send(ReplicaSet.Empty.With(new(1)), MacCluster.StatusOf(2)));
        Assert.Throws<ArgumentException>(() => outgoing.Send(ReplicaSet.Empty.With(new(1)), new Vote(VotePhase.Commit, new(0), new(1), D, new(2))));
        Assert.Throws<ArgumentException>(() => outgoing.Answer([_cluster.Keys.Reply(sender: new(2))], []));
    }

    public void Dispose() => _cluster.Dispose();

    private static Vote Vote(VotePhase phase, long sequence) => new(phase, new(0), new(sequence), D, new(0));

    private EnvelopeFrame Answer(long epoch)
    {
        var before = _cluster.Log.Count;
        _cluster.Replicas[0].Outgoing.Answer([ReplyTo(1, epoch), ReplyTo(2, epoch)], [_cluster.Keys.ReadReply(keyEpoch: epoch)]);
        return Forge.Frame(_cluster.Log[before].Envelope.ToArray());
    }

    private Reply ReplyTo(long number, long epoch) => _cluster.Keys.Reply(number, keyEpoch: epoch);

    /// <summary>Has a program ask replica 0: the epoch under which it can be answered.</summary>
    private long AskBy(MacNode client)
    {
        Assert.Equal(RejectReason.None, _cluster.Replicas[0].Receive(client.Client.SealOpenSession(client.Sessions.Epoch).Envelope));
        return _cluster.Replicas[0].Inputs[^1].Request.KeyEpoch;
    }

    private long ReadBy(MacNode client)
    {
        Assert.Equal(RejectReason.None, _cluster.Replicas[0].Receive(client.Client.SealRead(1, [new byte[1]]).Envelope));
        return _cluster.Replicas[0].Inputs[^1].Read.KeyEpoch;
    }

    private static byte[] Entry(MessageKind kind, byte[] body) => Forge.Body((ref WireWriter writer) =>
    {
        writer.WriteByte((byte)kind);
        writer.WriteLength(body.Length);
        writer.WriteBytes(body);
    });

    private RejectReason Receive(int count, byte[] entries)
    {
        var body = new byte[] { (byte)count, 0 }.Concat(entries).ToArray();
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Pack) + body.Length + EnvelopeEncoding.MacSealBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, MessageKind.Pack, _cluster.Membership.Id, new(0), body.Length);
        writer.WriteBytes(body);
        Assert.True(_cluster.Replicas[0].Sessions.TrySeal(SessionParty.Of(new ReplicaId(1)), epoch: 0, envelope.AsSpan(0, writer.Position), envelope.AsSpan(writer.Position)));
        return _cluster.Replicas[1].Receive(envelope);
    }
}
