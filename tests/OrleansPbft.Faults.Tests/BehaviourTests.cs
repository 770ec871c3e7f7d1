using OrleansPbft.Core;
using OrleansPbft.Faults.Tests.Support;

namespace OrleansPbft.Faults.Tests;

/// <summary>What each mode does to what the correct machine inside wants sent. Replica 1 is a backup of four.</summary>
public sealed class BehaviourTests
{
    private static readonly int[] Peers = [0, 2, 3];

    [Fact]
    public void Without_a_mode_everything_leaves_as_it_is_meant()
    {
        using var replica = new FaultyReplica(1, 1, static context => new Correct(context));
        replica.WithSession();
        var proposal = replica.Execute(2, replica.Put(1, "a"));

        Assert.All(Peers, peer => Assert.Equal(
            [1L, 2L], replica.VotesTo(peer, VotePhase.Commit).Select(static vote => vote.Sequence.Value)));
        Assert.All(Peers, peer => Assert.Equal(proposal.Digest, replica.VotesTo(peer, VotePhase.Prepare)[1].Digest));
        Assert.Equal(replica.Meant.Select(static reply => reply.Results.ToArray()), replica.Replies().Select(static reply => reply.Results.ToArray()));
        Assert.Equal(0, replica.Behaviour.Acts);
        Assert.Equal(0, replica.CountRefused());
    }

    [Theory]
    [InlineData(FaultMode.Silent)]
    [InlineData(FaultMode.Crash)]
    public void The_silent_and_the_crashed_send_nothing(FaultMode mode)
    {
        using var replica = new FaultyReplica(Fault.Of(mode)).WithSession();
        replica.Step(Input.Of(replica.Put(1, "a"))); // a backup would pass it on

        Assert.Empty(replica.Sent);
        Assert.Empty(replica.Answered);
        Assert.NotEmpty(replica.Meant);
        Assert.Equal(mode == FaultMode.Crash, replica.Behaviour.IsPaused);
        Assert.Equal(replica.ActsSeen, replica.Behaviour.Acts);
        Assert.True(replica.Behaviour.Acts > 0);
    }

    [Fact]
    public void The_stuck_repeats_its_first_vote_and_its_first_result_for_ever()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Stuck)).WithSession();
        for (var number = 1; number <= 3; number++) replica.Execute(1 + number, replica.Put(number, $"{number}"));

        foreach (var peer in Peers)
        {
            Assert.Equal([1L, 1L, 1L, 1L], replica.VotesTo(peer, VotePhase.Prepare).Select(static vote => vote.Sequence.Value));
            Assert.Equal([1L, 1L, 1L, 1L], replica.VotesTo(peer, VotePhase.Commit).Select(static vote => vote.Sequence.Value));
            Assert.Equal([1L, 1L, 1L, 1L], replica.CheckpointsTo(peer).Select(static checkpoint => checkpoint.Sequence.Value));
        }

        var replies = replica.Replies()[1..]; // behind the one that opened the session
        Assert.Equal([1L, 2L, 3L], replies.Select(static reply => reply.Request.Number)); // it answers what it is asked,
        Assert.All(replies, reply => Assert.Equal(replica.Meant[1].Results.ToArray(), reply.Results.ToArray())); // with what it said first
        Assert.NotEqual(replica.Meant[1].Results.ToArray(), replica.Meant[2].Results.ToArray());
    }

    [Fact]
    public void The_wrong_gives_wrong_results_and_wrong_state_digests_and_votes_right()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Wrong)).WithSession();
        using var correct = new FaultyReplica(1, 1, static context => new Correct(context));
        correct.WithSession();
        var proposals = new List<Digest>();
        for (var number = 1; number <= 7; number++)
        {
            proposals.Add(replica.Execute(1 + number, replica.Put(number, "a")).Digest);
            correct.Execute(1 + number, correct.Put(number, "a"));
        }

        foreach (var peer in Peers)
        {
            Assert.Equal(proposals, replica.VotesTo(peer, VotePhase.Commit)[1..].Select(static vote => vote.Digest));
            Assert.Equal(correct.CheckpointsTo(peer).Length, replica.CheckpointsTo(peer).Length);
            Assert.All(replica.CheckpointsTo(peer).Zip(correct.CheckpointsTo(peer)), static pair => Assert.NotEqual(pair.Second.Digest, pair.First.Digest));
        }

        Assert.Equal(replica.Meant.Count, replica.Answered.Count);
        Assert.All(replica.Meant.Zip(replica.Replies()), static pair => Assert.False(IsSame(pair.First, pair.Second)));
        Assert.Equal(0, replica.CountRefused()); // wrong, and authentically so
    }

    [Fact]
    public void The_liar_tells_different_peers_different_lies_and_some_the_truth_as_well()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Lie)).WithSession();
        var truths = new List<Digest>();
        for (var number = 1; number <= 6; number++) truths.Add(replica.Execute(1 + number, replica.Put(number, "a")).Digest);

        var told = Peers.Select(peer => replica.VotesTo(peer, VotePhase.Commit).Where(static vote => vote.Sequence.Value > 1)
            .GroupBy(static vote => vote.Sequence)
            .Select(votes => votes.Select(static vote => vote.Digest).ToHashSet()).ToArray()).ToArray();
        for (var i = 0; i < truths.Count; i++)
        {
            var lies = told.SelectMany(peer => peer[i]).Where(digest => digest != truths[i]).ToArray();
            Assert.Equal(2, lies.Distinct().Count()); // two of three peers are lied to, each in its own way
            Assert.Equal(2, told.Count(peer => peer[i].Contains(truths[i])));
            Assert.Single(told, peer => peer[i].Count == 2); // and one of them gets both
        }

        Assert.All(replica.Meant.Zip(replica.Replies()), static pair => Assert.False(IsSame(pair.First, pair.Second)));
        Assert.Contains(Peers, peer => replica.CheckpointsTo(peer).GroupBy(static c => c.Sequence).Any(static group => group.Count() > 1));
    }

    [Fact]
    public void The_liar_tells_different_peers_different_histories_when_a_view_changes()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Lie), self: 3).WithSession();
        var digest = replica.Execute(2, replica.Put(1, "a")).Digest;
        foreach (var sender in (int[])[1, 2]) replica.Step(Input.Of(new Suspect(new(0), new(sender), new byte[1])));

        var told = new[] { 0, 1, 2 }.Select(peer => replica.ViewChangesTo(peer)).ToArray(); // each opens: it is well formed
        var truths = told.SelectMany(static all => all).Where(viewChange => viewChange.PreparedAt(new(2))?.Digest == digest).ToArray();
        Assert.Equal(2, truths.Length);
        Assert.Single(told, static all => all.Length == 2);
        var lies = told.SelectMany(static all => all).Except(truths).ToArray();
        Assert.Equal(2, lies.Length);
        Assert.Equal(3, told.SelectMany(static all => all).Select(static v => string.Join(',', v.Prepared.Concat(v.PrePrepared))).Distinct().Count());
    }

    [Fact]
    public void The_liar_tells_different_clients_different_results()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Lie));
        replica.Execute(1, replica.Client.SealOpenSession(7), replica.OtherClient.SealOpenSession(8));
        replica.Execute(
            2, replica.Client.SealRequest(new(1), 1, [new byte[] { 200 }]), replica.OtherClient.SealRequest(new(2), 1, [new byte[] { 200 }]));

        var (meant, told) = (replica.Meant[2..], replica.Replies()[2..]);
        Assert.Equal(meant[0].Results.ToArray(), meant[1].Results.ToArray());
        Assert.NotEqual(told[0].Results.ToArray(), told[1].Results.ToArray());
    }

    [Theory]
    [InlineData(FaultMode.Wrong)]
    [InlineData(FaultMode.Lie)]
    public void Readers_are_told_no_truth_either(FaultMode mode)
    {
        using var replica = new FaultyReplica(Fault.Of(mode)).WithSession();
        replica.Execute(2, replica.Put(1, "a"));
        for (var number = 1; number <= 8; number++) replica.Read(number);

        var told = replica.AnsweredToReaders.Select(answer => replica.Open(answer.Bytes)!.Value.ReadReply).ToArray();
        Assert.Equal(8, told.Length);
        Assert.All(replica.MeantToReaders.Zip(told), static pair => Assert.False(
            pair.First.Executed == pair.Second.Executed && pair.First.Prepared == pair.Second.Prepared && pair.First.Status == pair.Second.Status
                && pair.First.Results.Span.SequenceEqual(pair.Second.Results.Span)));
    }

    [Fact]
    public void Readers_get_nothing_of_the_silent_and_of_the_censor_and_for_ever_the_same_of_the_stuck()
    {
        using var silent = new FaultyReplica(Fault.Of(FaultMode.Silent)).WithSession();
        using var censor = new FaultyReplica(Fault.Censor(silent.Client.Client));
        using var stuck = new FaultyReplica(Fault.Of(FaultMode.Stuck)).WithSession();
        silent.Read(1);
        censor.Read(1);
        stuck.Execute(2, stuck.Put(1, "a"));
        stuck.Read(1);
        stuck.Execute(3, stuck.Put(2, "b"));
        stuck.Read(2);

        Assert.Empty(silent.AnsweredToReaders);
        Assert.Empty(censor.MeantToReaders);
        var told = stuck.AnsweredToReaders.Select(answer => stuck.Open(answer.Bytes)!.Value.ReadReply).ToArray();
        Assert.Equal([1L, 2L], told.Select(static reply => reply.Number));
        Assert.Equal(told[0].Results.ToArray(), told[1].Results.ToArray());
        Assert.NotEqual(stuck.MeantToReaders[0].Results.ToArray(), stuck.MeantToReaders[1].Results.ToArray());
    }

    [Fact]
    public void The_equivocating_leader_proposes_different_valid_batches_to_different_peers_and_tells_itself_the_truth()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Equivocate), self: 0);
        replica.Propose(replica.Put(1, "a"));
        replica.Propose(replica.Put(2, "b"));

        var own = Assert.Single(replica.ProposalsTo(0));
        Assert.Equal(own.Digest, Assert.Single(replica.ProposalsTo(2)).Digest);
        foreach (var peer in (int[])[1, 3])
        {
            var other = Assert.Single(replica.ProposalsTo(peer)); // it opens: its requests are as authentic as those of the first
            Assert.Equal((own.View, own.Sequence), (other.View, other.Sequence));
            Assert.NotEqual(own.Digest, other.Digest);
            Assert.Equal(own.Batch.Requests.Select(static request => request.Id), other.Batch.Requests.Select(static request => request.Id));
        }

        Assert.Equal(replica.ProposalsTo(1)[0].Digest, replica.ProposalsTo(3)[0].Digest);
        Assert.Equal(2, replica.Behaviour.Acts);
    }

    [Fact]
    public void The_equivocator_gives_some_of_its_proposals_votes_to_match()
    {
        var followed = new HashSet<bool>();
        for (ulong seed = 1; seed <= 16; seed++)
        {
            using var replica = new FaultyReplica(Fault.Of(FaultMode.Equivocate), self: 0, seed);
            replica.Propose(replica.Client.SealOpenSession(7));
            var own = replica.ProposalsTo(0)[0];
            replica.Step(Input.Of(own));
            for (var i = 1; i < 4; i++) replica.Step(Input.Of(new Vote(VotePhase.Prepare, own.View, own.Sequence, own.Digest, new(i))));

            Assert.Equal(own.Digest, Assert.Single(replica.VotesTo(2, VotePhase.Commit)).Digest);
            var told = Assert.Single(replica.VotesTo(1, VotePhase.Commit)).Digest;
            Assert.Contains(told, new[] { own.Digest, replica.ProposalsTo(1)[0].Digest });
            followed.Add(told != own.Digest);
        }

        Assert.Equal(2, followed.Count);
    }

    [Fact]
    public void The_slow_says_all_that_is_true_just_before_the_time_out()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Slow)).WithSession();

        Assert.True(replica.Behaviour.Delay < FaultyReplica.Options.RequestTimeout);
        Assert.True(replica.Behaviour.Delay > FaultyReplica.Options.RequestTimeout * 0.8);
        Assert.All(Peers, peer => Assert.Single(replica.VotesTo(peer, VotePhase.Commit)));
        Assert.Single(replica.Replies());
    }

    [Fact]
    public void The_censor_drops_one_clients_requests_and_no_others()
    {
        using var censored = new FaultyReplica(Fault.Of(FaultMode.Silent)).WithSession();
        using var backup = new FaultyReplica(Fault.Censor(censored.Client.Client));
        backup.Step(Input.Of(backup.Client.SealOpenSession(7)));
        backup.Step(Input.Of(backup.OtherClient.SealOpenSession(7)));
        var relayed = Assert.Single(backup.Sent); // the other's goes to the primary
        Assert.Equal((0, backup.OtherClient.Client), (relayed.To.Index, backup.Open(relayed.Bytes)!.Value.Request.Id.Client));

        using var primary = new FaultyReplica(Fault.Censor(censored.Client.Client), self: 0);
        primary.Propose(primary.Client.SealOpenSession(7), primary.OtherClient.SealOpenSession(7));
        var proposal = Assert.Single(primary.ProposalsTo(1));
        Assert.Equal(primary.OtherClient.Client, Assert.Single(proposal.Batch.Requests).Id.Client);
        Assert.Equal((1, 1), (backup.Behaviour.Acts, primary.Behaviour.Acts));
    }

    [Fact]
    public void What_is_forged_in_the_names_of_others_is_never_believed()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Forge)).WithSession();
        for (var number = 1; number <= 6; number++) replica.Execute(1 + number, replica.Put(number, "a"));

        Assert.True(replica.Behaviour.Acts > 0);
        Assert.Equal(replica.Behaviour.Acts, replica.CountRefused());
        Assert.All(replica.Replies(), static reply => Assert.Equal(1, reply.Sender.Index));
        Assert.All(Peers, peer => Assert.All(replica.VotesTo(peer, VotePhase.Commit), static vote => Assert.Equal(1, vote.Sender.Index)));
        Assert.Equal(2 * replica.Meant.Count, replica.Answered.Count); // beside each of its own, one in another's name
    }

    [Fact]
    public void The_replayer_sends_old_messages_of_its_own_and_of_others_again()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Replay)).WithSession();
        var foreign = replica.Put(99, "of a client").Envelope;
        replica.Behaviour.OnReceived(foreign);
        for (var number = 1; number <= 8; number++) replica.Execute(1 + number, replica.Put(number, "a"));

        var old = replica.Sent.GroupBy(static envelope => (envelope.To, Convert.ToHexString(envelope.Bytes.Span))).Where(static group => group.Count() > 1);
        Assert.NotEmpty(old);
        Assert.Contains(replica.Sent, envelope => envelope.Bytes.Span.SequenceEqual(foreign.Span));
        Assert.True(replica.Answered.Count > replica.Meant.Count);
        Assert.Equal(0, replica.CountRefused()); // all of it was authentic once, and is still
    }

    [Fact]
    public void What_the_replayer_remembers_is_bounded()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Replay));
        var large = new byte[1 << 20];
        for (var i = 0; i < 10_000; i++) replica.Behaviour.OnReceived(large);
        replica.WithSession();

        Assert.DoesNotContain(replica.Sent, envelope => envelope.Bytes.Length == large.Length);
    }

    [Fact]
    public void The_corrupt_damages_some_envelopes_and_only_its_own_copies()
    {
        using var replica = new FaultyReplica(Fault.Of(FaultMode.Corrupt)).WithSession();
        var request = replica.Put(1, "a");
        var before = request.Envelope.ToArray();
        for (var i = 0; i < 20; i++) replica.Behaviour.Relay(new(0), request.Envelope, replica.Sent);

        Assert.Equal(before, request.Envelope.ToArray());
        var damaged = replica.Sent.Count(envelope => replica.Open(envelope.Bytes) is null);
        Assert.InRange(damaged, 1, replica.Sent.Count - 1);
        Assert.Equal(replica.Behaviour.Acts, replica.CountRefused());
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.5, 300, 700)]
    [InlineData(1, 1000, 1000)]
    public void The_lossy_loses_the_part_it_is_told_to(double rate, int min, int max)
    {
        using var replica = new FaultyReplica(Fault.Drop(rate));
        for (var i = 0; i < 1000; i++) replica.Behaviour.Relay(new(0), new byte[1], replica.Sent);

        Assert.InRange(1000 - replica.Sent.Count, min, max);
        Assert.Equal(1000 - replica.Sent.Count, replica.Behaviour.Acts);
    }

    [Theory]
    [InlineData(FaultMode.Silent)]
    [InlineData(FaultMode.Stuck)]
    [InlineData(FaultMode.Lie)]
    [InlineData(FaultMode.Corrupt)]
    [InlineData(FaultMode.Crash)]
    public void What_a_replica_tells_itself_is_true(FaultMode mode)
    {
        using var replica = new FaultyReplica(Fault.Of(mode), self: 0);
        for (var number = 1; number <= 3; number++) replica.Propose(replica.Put(number, "a"));

        Assert.Equal([1L], replica.ProposalsTo(0).Select(static proposal => proposal.Sequence.Value));
    }

    [Fact]
    public void The_same_seed_tells_the_same_lies()
    {
        Assert.Equal(Told(1), Told(1));
        Assert.NotEqual(Told(1), Told(2));

        static string[] Told(ulong seed)
        {
            using var replica = new FaultyReplica(Fault.Drop(0.5), seed: seed).WithSession();
            for (var number = 1; number <= 5; number++) replica.Execute(1 + number, replica.Put(number, "a"));
            return [.. replica.Sent.Select(envelope => $"{envelope.To} {replica.Open(envelope.Bytes)!.Value.Kind}")]; // signatures differ from run to run
        }
    }

    private static bool IsSame(Reply meant, Reply told) =>
        meant.View == told.View && meant.Session == told.Session && meant.Sequence == told.Sequence && meant.Status == told.Status
            && meant.Results.Span.SequenceEqual(told.Results.Span);

    private sealed class Correct(BehaviourContext context) : Behaviour(context);
}
