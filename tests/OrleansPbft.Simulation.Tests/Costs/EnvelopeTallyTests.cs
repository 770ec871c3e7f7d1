using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.Simulation.Tests.Costs;

/// <summary>Counting what travels: what is a message, and what was made for it.</summary>
public sealed class EnvelopeTallyTests : IDisposable
{
    private static readonly ProtocolOptions Options = new() { Cluster = new(4), Authentication = AuthenticationMode.Macs };

    private readonly KeyPair[] _keys = [.. Enumerable.Range(0, 4).Select(static _ => KeyPair.Create())];
    private readonly List<SessionKeys> _sessions = [];
    private readonly Membership _membership;
    private readonly EnvelopeTally _tally = new(new(Options));

    public EnvelopeTallyTests() => _membership = new([.. _keys.Select(static key => key.PublicKey)]);

    [Fact]
    public void A_broadcast_is_a_message_to_each_and_one_signature()
    {
        var vote = Sealer(1).Seal(new Vote(VotePhase.Prepare, View.Initial, new(1), Digest.Of("a"u8), new(1)));
        for (var i = 0; i < 3; i++) _tally.Add(vote);

        Assert.Equal(new KindCost(3, 3L * vote.Length, 1, 0), _tally.Snapshot()[MessageKind.Prepare]);
    }

    [Fact]
    public void Replies_of_one_batch_are_messages_of_their_own_under_one_signature()
    {
        Reply[] replies = [.. Enumerable.Range(1, 5).Select(static number => new Reply(
            View.Initial, new(new(7), new(1), number), new(1), new(number), ReplyStatus.Executed, new byte[3], new(2)))];
        var envelopes = Sealer(2).SealReplies(replies);
        foreach (var envelope in envelopes) _tally.Add(envelope);

        Assert.Equal(new KindCost(5, envelopes.Sum(static envelope => (long)envelope.Length), 1, 0), _tally.Total);
    }

    [Fact]
    public void Messages_in_a_pack_count_by_their_kinds_and_their_one_mac_is_the_packs()
    {
        var wire = new Wire();
        var first = Sessions(0, wire);
        var second = Sessions(1, wire);
        first.Announce();
        wire.Deliver(Opener(second));
        second.Announce();
        wire.Deliver(Opener(first));

        var outgoing = new OutgoingEnvelopes(Sealer(0), Options.Cluster, first, wire);
        var to = ReplicaSet.Empty.With(new(1));
        outgoing.Send(to, new Vote(VotePhase.Prepare, View.Initial, new(2), Digest.Of("a"u8), new(0)));
        outgoing.Send(to, new Vote(VotePhase.Commit, View.Initial, new(1), Digest.Of("a"u8), new(0)));
        outgoing.Flush();
        var envelope = Assert.Single(wire.Sent);
        _tally.Add(envelope);

        const long entry = EnvelopeEncoding.PackEntryHeaderBytes + MessageEncoding.ProposalBodyBytes;
        Assert.Equal(1, _tally.Envelopes);
        Assert.Equal(new KindCost(1, entry, 0, 0), _tally.Snapshot()[MessageKind.Prepare]);
        Assert.Equal(new KindCost(1, entry, 0, 0), _tally.Snapshot()[MessageKind.Commit]);
        Assert.Equal(new KindCost(0, envelope.Length - (2 * entry), 0, 1), _tally.Snapshot()[MessageKind.Pack]);
        Assert.Equal(new KindCost(2, envelope.Length, 0, 1), _tally.Total);
    }

    [Fact]
    public void A_request_has_a_mac_for_each_replica_with_which_there_is_a_session()
    {
        using var key = KeyPair.Create();
        var wire = new Wire();
        using var client = SessionKeys.OfClient(_membership.Id, 4, key);
        client.Attach(wire);
        Sessions(3, wire).Announce();
        wire.Deliver(new(_membership, Options, new(new()), sessions: client));

        var request = new ClientSealer(_membership.Id, key, new(Options), sessions: client).SealOpenSession(1);
        _tally.Add(request.Envelope);
        _tally.Add(request.Envelope); // passed on: nothing is made anew

        Assert.Equal(new KindCost(2, 2L * request.Envelope.Length, 1, 1), _tally.Snapshot()[MessageKind.Request]);
    }

    [Fact]
    public void Cleared_it_counts_anew_and_a_signature_that_was_seen_stays_seen()
    {
        var vote = Sealer(1).Seal(new Vote(VotePhase.Commit, View.Initial, new(1), Digest.Of("a"u8), new(1)));
        _tally.Add(vote);
        _tally.Clear();
        Assert.Equal((0L, default(KindCost)), (_tally.Envelopes, _tally.Total));

        _tally.Add(vote);
        Assert.Equal(new KindCost(1, vote.Length, 0, 0), _tally.Total);
    }

    [Fact]
    public void What_can_not_be_read_is_refused() => Assert.Throws<ArgumentException>(() => _tally.Add(new byte[] { 1, 2, 3 }));

    public void Dispose()
    {
        foreach (var sessions in _sessions) sessions.Dispose();
        foreach (var key in _keys) key.Dispose();
    }

    private ReplicaSealer Sealer(int id) => new(_membership.Id, new(id), _keys[id]);

    private EnvelopeOpener Opener(SessionKeys sessions) => new(_membership, Options, new(new()), sessions: sessions);

    private SessionKeys Sessions(int id, Wire wire)
    {
        var sessions = SessionKeys.OfReplica(_membership.Id, 4, new(id), _keys[id]);
        sessions.Attach(wire);
        _sessions.Add(sessions);
        return sessions;
    }

    /// <summary>Keeps what is sent until it is handed to somebody.</summary>
    private sealed class Wire : IEnvelopeSink
    {
        public List<ReadOnlyMemory<byte>> Sent { get; } = [];

        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => Sent.Add(envelope);

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => Sent.Add(envelope);

        public void Deliver(EnvelopeOpener opener)
        {
            ReadOnlyMemory<byte>[] sent = [.. Sent];
            Sent.Clear();
            foreach (var envelope in sent) opener.TryOpen(envelope, new List<Input>());
            Sent.Clear();
        }
    }
}
