using static OrleansPbft.Core.Tests.Learners;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>D-5, ADR 0014: when a replica that began without its journal takes part, and what others keep of its lives. K = 4, L = 8.</summary>
public sealed class LifeTests
{
    /// <summary>q - 1 peers know of no other life: it never spoke, and takes part at once, with what came meanwhile.</summary>
    [Fact]
    public void Vouched_for_it_takes_part_at_once()
    {
        var learner = Learner();
        learner.Step(First);
        learner.Step(Member(0) with { Vouches = true });
        learner.Step(Member(0) with { Vouches = true });
        learner.Step(Member(2) with { Vouches = true, Echo = Life + 1 }); // of another life
        learner.Step(Member(2) with { Vouches = true, Echo = 0 });
        Assert.True(learner.Replica.IsLearner);
        Assert.Empty(learner.Votes);

        learner.Step(Member(3) with { Vouches = true, Life = 9 }); // a learner may vouch

        Assert.False(learner.Replica.IsLearner);
        Assert.Equal([First.Digest], learner.Votes.Select(static v => v.Digest));
        var kept = Array.FindIndex(learner.Effects, static e => e is { Kind: EffectKind.Persist, Record.Subject: ReplicaLives { Stage: LifeStage.Original, Own: Life } });
        Assert.True(kept >= 0 && kept < Array.FindIndex(learner.Effects, static e => e.IsVote));
        var took = Assert.Single(learner.Events(ProtocolEventKind.TookPart));
        Assert.Equal((long)LifeStage.Original, took.Amount);
        Assert.Equal(ReplicaCondition.Normal, learner.Replica.Snapshot().Condition);
        learner.Tick(learner.Options.StatusInterval);
        learner.Tick(learner.Options.StatusInterval);
        Assert.All(learner.Broadcast<Status>(), static status => Assert.Equal(0, status.Life));
    }

    /// <summary>An original may be the one that a view change waits for: it never said anything else.</summary>
    [Fact]
    public void Vouched_for_during_a_view_change_it_says_its_view_change()
    {
        var learner = Learner();
        Leave(learner, 2, 3);
        learner.StepAll(Claims.Of(2, view: 1), Claims.Of(3, view: 1));
        Assert.False(learner.Replica.IsActive);

        Vouched(learner, 0, 2);

        Assert.Equal(new View(1), Assert.Single(learner.Broadcast<ViewChange>()).View);
        Assert.Contains(learner.Effects, static e => e is { Kind: EffectKind.Persist, Record.Kind: JournalRecordKind.ViewLeft });
        Assert.Single(learner.Broadcast<NewView>()); // with its own they are q
        Assert.True(learner.Replica.IsActive);
    }

    /// <summary>A timer that ran while it was silent blames nobody when it takes part.</summary>
    [Fact]
    public void What_waited_has_its_whole_time_when_it_takes_part()
    {
        var learner = Learner();
        learner.Step(Make.Open());
        learner.Tick(learner.Options.RequestTimeout * 0.9);
        Vouched(learner, 0, 2);

        learner.Tick(learner.Options.RequestTimeout * 0.2);
        Assert.Empty(learner.Broadcast<Suspect>());
        learner.Tick(learner.Options.RequestTimeout);
        Assert.NotEmpty(learner.Broadcast<Suspect>());
    }

    [Fact]
    public void A_single_replica_takes_part_at_once()
    {
        var single = new ReplicaUnderTest(self: 0, replicas: 1, life: Life);

        Assert.False(single.Replica.IsLearner);
        Assert.True(single.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate.IsPrimary);
        Assert.Empty(single.Broadcast<Status>());
    }

    /// <summary>It answers a learner with its life, and vouches for the first that it hears of; durably, so that it never vouches for two.</summary>
    [Fact]
    public void It_vouches_for_one_life_of_a_peer_only()
    {
        var original = Learner();
        Vouched(original, 0, 2);

        original.Step(Asking(3, 500));
        var answer = Assert.Single(original.Sent<Status>(3));
        Assert.Equal((500, true, 0), (answer.Echo, answer.Vouches, answer.Life));
        var kept = Array.FindIndex(original.Effects, static e => e is { Kind: EffectKind.Persist, Record.Kind: JournalRecordKind.Lives });
        Assert.True(kept >= 0 && kept < Array.FindIndex(original.Effects, static e => e.Kind == EffectKind.Send));

        Later(original);
        original.Step(Asking(3, 501));
        Assert.Equal((501, false), (original.Sent<Status>(3).Single().Echo, original.Sent<Status>(3).Single().Vouches));
        Later(original);
        original.Step(Asking(3, 500));
        Assert.True(original.Sent<Status>(3).Single().Vouches);
        Assert.DoesNotContain(original.Effects, static e => e.Kind == EffectKind.Persist);

        var again = new ReplicaUnderTest(journal: original.Journal);
        Assert.False(again.Replica.IsLearner);
        again.Step(Asking(3, 501));
        Assert.False(again.Sent<Status>(3).Single().Vouches);
        again.Step(Asking(2, 9));
        Assert.True(again.Sent<Status>(2).Single().Vouches);
    }

    /// <summary>Who lost its memory, or never had one, knows of no other life and can not say that there was none.</summary>
    [Fact]
    public void Who_returned_or_keeps_no_record_vouches_for_nobody()
    {
        var unrecorded = new ReplicaUnderTest();
        unrecorded.Step(Asking(3, 500));
        var answer = Assert.Single(unrecorded.Sent<Status>(3));
        Assert.Equal((500, false), (answer.Echo, answer.Vouches));
        Assert.DoesNotContain(unrecorded.Effects, static e => e.Kind == EffectKind.Persist);

        var returned = Returned(out _);
        Later(returned);
        returned.Step(Asking(3, 500));
        Assert.Equal((500, false), (returned.Sent<Status>(3).Single().Echo, returned.Sent<Status>(3).Single().Vouches));
    }

    [Fact]
    public void Learners_vouch_for_each_other()
    {
        var learner = Learner();

        learner.Step(Asking(3, 500));

        var answer = Assert.Single(learner.Sent<Status>(3));
        Assert.Equal((500, true, Life), (answer.Echo, answer.Vouches, answer.Life));
    }

    /// <summary>H = E + L, of the answers of q peers to this very life.</summary>
    [Fact]
    public void It_knows_where_to_take_part_again_once_q_peers_have_said_how_far_they_are()
    {
        var learner = Learner();
        learner.Step(Member(0, prepared: 20, view: 2));
        learner.Step(Member(2, prepared: 21, view: 3));
        learner.Step(Member(3, prepared: 30) with { Echo = Life + 1 }); // of another life, or of none
        learner.Step(Member(3, prepared: 30) with { Echo = 0 });
        Assert.Null(learner.Replica.Snapshot().SilentUpTo);

        learner.Step(Member(3, prepared: 21, view: 3));

        Assert.Equal(new SequenceNumber(29), learner.Replica.Snapshot().SilentUpTo);
        var bounded = Assert.Single(learner.Events(ProtocolEventKind.LearnerBounded));
        Assert.Equal((new SequenceNumber(29), new View(3)), (bounded.Sequence, bounded.View));
        learner.Step(Member(3, prepared: 90, view: 9));
        learner.Step(Member(2, prepared: 90, view: 9));
        Assert.Empty(learner.Events(ProtocolEventKind.LearnerBounded)); // once
        Assert.Equal(new SequenceNumber(29), learner.Replica.Snapshot().SilentUpTo);
    }

    /// <summary>It is silent up to H, and votes for all beyond: what had been proposed there already as well.</summary>
    [Fact]
    public void It_takes_part_again_beyond_its_bound()
    {
        var learner = Learner();
        foreach (var i in new[] { 0, 2, 3 }) learner.Step(Member(i, prepared: 0));
        Assert.Equal(new SequenceNumber(8), learner.Replica.Snapshot().SilentUpTo);
        var said = new List<Effect>();
        Stabilise(learner, 4, said);
        Assert.Equal(new(4), learner.Replica.StableCheckpoint);
        Follow(learner, 8, from: 5, said: said);
        var early = Proposal(9);
        said.AddRange(learner.Step(early));
        Assert.True(learner.Replica.IsLearner); // executed, and not stable
        Assert.DoesNotContain(said, static e => e.IsVote || e.Kind is EffectKind.Reply || e is { Kind: EffectKind.Broadcast, Message: Checkpoint });

        StabiliseAt(learner, 8, said);

        Assert.False(learner.Replica.IsLearner);
        Assert.Equal([new Vote(VotePhase.Prepare, View.Initial, new(9), early.Digest, new(1))], learner.Votes);
        var kept = Array.FindIndex(learner.Effects, static e => e is { Kind: EffectKind.Persist, Record.Subject: ReplicaLives { Stage: LifeStage.Returned } });
        Assert.True(kept >= 0 && kept < Array.FindIndex(learner.Effects, static e => e.IsVote));
        var took = Assert.Single(learner.Events(ProtocolEventKind.TookPart));
        Assert.Equal((new SequenceNumber(8), (long)LifeStage.Returned), (took.Sequence, took.Amount));
        Assert.Null(learner.Replica.Snapshot().SilentUpTo);
        learner.Step(Proposal(8)); // nothing it says concerns what is not beyond
        Assert.Empty(learner.Votes);
        Leave(learner, 2, 3);
        Assert.Equal(new(8), SaidBy(learner).StableCheckpoint);
    }

    /// <summary>Q peers name a view: in an earlier one it may have promised not to vote.</summary>
    [Fact]
    public void It_takes_part_in_no_view_that_it_may_have_left()
    {
        var learner = Learner(self: 3);
        foreach (var i in new[] { 0, 1, 2 }) learner.Step(Member(i, view: 1));
        Follow(learner, 4);
        StabiliseAt(learner, 4, []);
        Follow(learner, 8, from: 5);
        StabiliseAt(learner, 8, []);
        Assert.True(learner.Replica.IsLearner);
        Leave(learner, 0, 2);
        Assert.True(learner.Replica.IsLearner); // that view is yet to begin

        var at8 = new HeldCheckpoint(new(8), learner.State.ComputeDigest());
        learner.Step(NewView(learner, 1, [.. new[] { 0, 1, 2 }.Select(i => At(i, at8))]));

        Assert.False(learner.Replica.IsLearner);
    }

    /// <summary>Peers show the VIEW-CHANGEs that they hold of a life that was lost; it speaks in no view before the latest of these, and passes it on.</summary>
    [Fact]
    public void A_view_change_of_its_lost_life_binds_it()
    {
        var learner = Learner(self: 3);
        var (former, earlier) = (Claims.Of(3, view: 2), Claims.Of(3, view: 1));
        learner.Step(former);
        Assert.Empty(learner.Ignored);
        learner.Step(earlier);
        foreach (var i in new[] { 0, 1, 2 }) learner.Step(Member(i));
        Follow(learner, 4);
        StabiliseAt(learner, 4, []);
        Follow(learner, 8, from: 5);
        StabiliseAt(learner, 8, []);
        Assert.True(learner.Replica.IsLearner); // in view 0

        learner.Tick(learner.Options.StatusInterval);
        learner.Tick(learner.Options.StatusInterval);
        var shown = learner.Effects.Where(static e => e.Kind == EffectKind.Relay).ToArray();
        Assert.Equal([0, 1, 2], shown.Select(static e => e.To.Index));
        Assert.All(shown, e => Assert.Equal(former.Envelope, e.Envelope));

        var at8 = new HeldCheckpoint(new(8), learner.State.ComputeDigest());
        learner.Step(NewView(learner, 1, [.. new[] { 0, 1, 2 }.Select(i => At(i, at8, view: 1))]));
        Assert.True(learner.Replica.IsLearner);
        learner.Step(NewView(learner, 2, [.. new[] { 0, 1, 2 }.Select(i => At(i, at8, view: 2))]));
        Assert.False(learner.Replica.IsLearner);
        learner.Step(former);
        Assert.Equal([IgnoreReason.UnknownReplica], learner.Ignored); // as what it says itself always is
    }

    [Fact]
    public void Who_holds_a_view_change_of_a_learners_lost_life_shows_it()
    {
        var peer = new ReplicaUnderTest();
        var held = Claims.Of(3, view: 2);
        peer.Step(held);

        peer.Step(Asking(3, 500) with { View = new(1) });
        Assert.Equal(held.Envelope, Assert.Single(peer.Effects, static e => e.Kind == EffectKind.Relay).Envelope);

        Later(peer);
        peer.Step(Asking(3, 500) with { View = new(2) }); // it is there itself
        Assert.DoesNotContain(peer.Effects, static e => e.Kind == EffectKind.Relay);
    }

    /// <summary>A learner that crashes is the learner it was, with the life that others know.</summary>
    [Fact]
    public void A_crash_while_it_learns_changes_nothing()
    {
        var learner = Learner();
        foreach (var i in new[] { 0, 2, 3 }) learner.Step(Member(i, prepared: 3));
        Follow(learner, 6);

        var again = new ReplicaUnderTest(journal: learner.Journal);

        Assert.True(again.Replica.IsLearner);
        Assert.Equal(Life, again.Broadcast<Status>().Single().Life);
        Assert.Null(again.Replica.Snapshot().SilentUpTo); // it asks again: later answers are as good
        again.Step(Proposal(7));
        Assert.Empty(again.Votes);
        Vouched(again, 0, 2);
        Assert.Single(again.Votes);
    }

    /// <summary>One that returned is a full member after a crash, and names what it could have prepared though its state is yet to be fetched (C-7).</summary>
    [Fact]
    public void A_crash_after_it_returned_changes_nothing()
    {
        var returned = Returned(out var digest);

        var again = new ReplicaUnderTest(journal: returned.Journal.Where(static r => r.Kind is JournalRecordKind.Lives)
            .Append(new(JournalRecordKind.StableCheckpoint, View.Initial, new(8), digest, null)));

        Assert.False(again.Replica.IsLearner);
        Assert.Equal((SequenceNumber.Zero, new SequenceNumber(8)), (again.Replica.LastExecuted, again.Replica.HighestPrepared));
    }

    [Fact]
    public void The_lives_of_another_cluster_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new ReplicaUnderTest(replicas: 5, journal: Learner().Journal));

        Assert.Contains("knows of 4 replicas, and there are 5", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>It is told how far a peer is at once, and as often as any other peer.</summary>
    [Fact]
    public void A_learner_is_answered_though_it_lacks_nothing()
    {
        var peer = new ReplicaUnderTest().WithSession();
        var ahead = Make.PrePrepare(3, Make.Request(2));
        peer.Step(ahead);
        foreach (var i in new[] { 2, 3 }) peer.Step(Make.Prepare(ahead, i)); // prepared, and not executed: 2 is missing

        peer.Step(Asking(3, 500) with { LastExecuted = new(1) });

        Assert.Equal(new(3), Assert.Single(peer.Sent<Status>(3)).HighestPrepared);
        peer.Step(Asking(3, 500));
        Assert.Equal([IgnoreReason.TooSoon], peer.Ignored);
    }
}
