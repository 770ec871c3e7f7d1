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
    public void A_client_that_has_shown_a_mac_is_answered_under_one_and_any_other_by_signature()
    {
        var outgoing = _cluster.Replicas[0].Outgoing;
        Assert.Equal(SealType.BatchSignature, Answer(outgoing).SealType); // it has a session, and has not shown that it knows ours

        Assert.Equal(RejectReason.None, _cluster.Replicas[0].Receive(_cluster.Client.Client.SealOpenSession(1).Envelope));
        var pack = Answer(outgoing);

        Assert.Equal((MessageKind.Pack, SealType.Mac), (pack.Kind, pack.SealType));
        Assert.Equal(RejectReason.None, _cluster.Client.Receive(pack.Envelope));
        Assert.Equal([InputKind.Reply, InputKind.Reply, InputKind.ReadReply], _cluster.Client.Inputs.Select(static input => input.Kind));
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SealType.BatchSignature, Answer(outgoing).SealType); // quiet for long: it may be another program by now
    }

    /// <summary>A SESSION-KEY is always signed. A port that sees one go by learns nothing of a program without MACs.</summary>
    [Fact]
    public void A_client_that_says_its_key_again_is_answered_under_macs_all_the_same()
    {
        var (replica, from) = (_cluster.Replicas[0], _cluster.Log.Count);
        Assert.Equal(RejectReason.None, replica.Receive(_cluster.Client.Client.SealOpenSession(1).Envelope));
        _cluster.Client.Sessions.Announce();
        var announced = _cluster.Log.Skip(from).First(static sent => sent.Kind == MessageKind.SessionKey).Envelope;

        Assert.Equal(RejectReason.None, replica.Opener.TryOpenOfClient(announced, out _));

        Assert.Equal(SealType.Mac, Answer(replica.Outgoing).SealType);
    }

    [Fact]
    public void Two_programs_with_one_clients_key_are_answered_by_signature()
    {
        _cluster.Replicas[0].Receive(_cluster.Client.Client.SealOpenSession(1).Envelope);
        _cluster.Time.Advance(TimeSpan.FromSeconds(1));
        _cluster.Client.Restart(); // the first is still there, as far as the replica can tell
        _cluster.Deliver();
        _cluster.Replicas[0].Receive(_cluster.Client.Client.SealOpenSession(2).Envelope);

        Assert.Equal(SealType.BatchSignature, Answer(_cluster.Replicas[0].Outgoing).SealType);
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

    private EnvelopeFrame Answer(OutgoingEnvelopes outgoing)
    {
        var before = _cluster.Log.Count;
        outgoing.Answer([_cluster.Keys.Reply(1), _cluster.Keys.Reply(2)], [_cluster.Keys.ReadReply()]);
        return Forge.Frame(_cluster.Log[before].Envelope.ToArray());
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
        Assert.True(_cluster.Replicas[0].Sessions.TrySeal(SessionParty.Of(new ReplicaId(1)), envelope.AsSpan(0, writer.Position), envelope.AsSpan(writer.Position)));
        return _cluster.Replicas[1].Receive(envelope);
    }
}
