using static OrleansPbft.Core.Tests.Learners;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>D-5, ADR 0014: what a replica that began without its journal does, and does not, while it learns. K = 4, L = 8.</summary>
public sealed class LearnerTests
{
    /// <summary>What the rule is for: a life that was lost voted for one proposal, and without the rule the next one votes for another.</summary>
    [Fact]
    public void Without_the_rule_it_would_vote_twice_differently()
    {
        var other = Make.PrePrepare(1, Make.Open(client: 2));
        var before = new ReplicaUnderTest();
        before.Step(First);
        var wiped = new ReplicaUnderTest();
        wiped.Step(other);
        Assert.Equal((VotePhase.Prepare, View.Initial, new SequenceNumber(1)), (before.Votes.Single().Phase, before.Votes.Single().View, before.Votes.Single().Sequence));
        Assert.NotEqual(before.Votes.Single().Digest, wiped.Votes.Single().Digest); // evidence against a replica that only lost a disk

        var learner = Learner();
        learner.Step(other);

        Assert.Empty(learner.Votes);
    }

    [Fact]
    public void It_is_durably_a_learner_before_it_says_so()
    {
        var learner = Learner();

        var persisted = Array.FindIndex(learner.Effects, static e => e is { Kind: EffectKind.Persist, Record.Kind: JournalRecordKind.Lives });
        var lives = Assert.IsType<ReplicaLives>(learner.Effects[persisted].Record.Subject);
        Assert.Equal((Life, LifeStage.Learner, 4), (lives.Own, lives.Stage, lives.Known.Length));
        Assert.True(persisted < Array.FindIndex(learner.Effects, static e => e.Kind == EffectKind.Broadcast));
        Assert.Equal(Life, Assert.Single(learner.Broadcast<Status>()).Life);
        Assert.Single(learner.Events(ProtocolEventKind.LearnerJoined));
        Assert.Equal((ReplicaCondition.Learner, null, true), (learner.Replica.Snapshot().Condition, learner.Replica.Snapshot().SilentUpTo, learner.Replica.IsLearner));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(WireLimits.NumberMax + 1)]
    public void A_life_has_a_number_that_can_be_sent(long life) => Assert.Throws<ArgumentOutOfRangeException>(() => Learner(life: life));

    [Fact]
    public void The_greatest_and_the_least_number_of_a_life_are_numbers()
    {
        Assert.Equal(1, Learner(life: 1).Broadcast<Status>().Single().Life);
        Assert.Equal(WireLimits.NumberMax, Learner(life: WireLimits.NumberMax).Broadcast<Status>().Single().Life);
    }

    /// <summary>It executes what others commit, and neither votes, nor replies, nor claims to have prepared anything.</summary>
    [Fact]
    public void It_follows_and_is_silent()
    {
        var learner = Learner();
        learner.Step(Make.Open());
        var all = new List<Effect>(learner.Step(First));
        foreach (var i in new[] { 2, 3 }) all.AddRange(learner.Step(Make.Prepare(First, i)));
        foreach (var i in new[] { 0, 2, 3 }) all.AddRange(learner.Step(Make.Commit(First, i)));
        all.AddRange(learner.Step(Make.Open()));

        Assert.Equal(new(1), learner.Replica.LastExecuted);
        Assert.DoesNotContain(all, static e => e.Kind is EffectKind.Broadcast or EffectKind.Send or EffectKind.Reply or EffectKind.AnswerRead);
        Assert.Equal([JournalRecordKind.Committed], all.Where(static e => e.Kind == EffectKind.Persist).Select(static e => e.Record.Kind));
        Assert.Equal(0, learner.Replica.Pending);
    }

    [Fact]
    public void It_answers_no_client()
    {
        var learner = Learner(configure: static o => o with { PendingMax = 1 });
        Follow(learner, 4);

        learner.Step(Make.Request(1));
        Assert.Empty(learner.Replies);
        learner.Step(Make.Read(1));
        Assert.Empty(learner.ReadReplies);
        learner.StepAll([]);
        learner.Step(Make.Request(4));
        learner.Step(Make.Request(5)); // no room for it
        Assert.Equal(1, learner.Replica.Pending);
        Assert.Empty(learner.Replies);
        Assert.Single(learner.Events(ProtocolEventKind.RefusedBusy));
    }

    [Fact]
    public void A_request_reaches_the_primary_through_it_and_blames_nobody()
    {
        var learner = Learner();

        learner.Step(Make.Open());

        Assert.Equal(new ReplicaId(0), Assert.Single(learner.Effects, static e => e.Kind == EffectKind.Relay).To);
        learner.Tick(learner.Options.RequestTimeout);
        Assert.Empty(learner.Broadcast<Suspect>());
        Assert.Empty(learner.Events(ProtocolEventKind.Suspected));
    }

    /// <summary>It takes checkpoints and lets the window move, and says neither.</summary>
    [Fact]
    public void It_says_no_checkpoint()
    {
        var learner = Learner();
        var digest = Follow(learner, 4);
        Assert.Empty(learner.Broadcast<Checkpoint>());

        foreach (var i in new[] { 0, 2 }) learner.Step(new Checkpoint(new(4), digest, new(i)));

        Assert.Equal(new(4), learner.Replica.StableCheckpoint);
        learner.Tick(learner.Options.StatusInterval);
        Assert.Empty(Said<Checkpoint>(learner));
        learner.Tick(learner.Options.StatusInterval);
        Assert.Single(learner.Broadcast<Status>()); // nothing else is said
        Assert.DoesNotContain(learner.Effects, static e => e.Kind == EffectKind.Send);
        learner.Step(Member(3));
        Assert.Empty(Said<Checkpoint>(learner));
    }

    /// <summary>It goes where f + 1 go, without a VIEW-CHANGE of its own, and keeps no record of one.</summary>
    [Fact]
    public void It_leaves_a_view_with_the_others_and_says_nothing()
    {
        var learner = Learner();
        Leave(learner, 2, 3);

        Assert.Equal(new View(1), learner.Replica.View);
        Assert.DoesNotContain(learner.Effects, static e => e.Kind is EffectKind.Broadcast or EffectKind.Relay or EffectKind.Persist);
        learner.StepAll(Claims.Of(0, view: 1), Claims.Of(2, view: 1), Claims.Of(3, view: 1)); // it would be the primary of view 1
        Assert.False(learner.Replica.IsActive);
        Assert.Empty(learner.Broadcast<NewView>());
        learner.Tick(learner.Options.StatusInterval);
        learner.Tick(TimeSpan.FromMinutes(1));
        Assert.Single(learner.Broadcast<Status>());
        Assert.Empty(learner.Broadcast<ViewChange>());
        Assert.Empty(learner.Broadcast<Suspect>());
    }

    /// <summary>What a NEW-VIEW chose it executes once q commit it, and votes for only if it takes part before.</summary>
    [Fact]
    public void Choices_of_a_new_view_get_its_vote_only_when_it_takes_part()
    {
        var learner = Learner(self: 3);
        learner.Step(First);
        Leave(learner, 0, 2);
        learner.Step(NewViewTests.Choosing(learner, First.Digest));
        Assert.True(learner.Replica.IsActive);
        Assert.DoesNotContain(learner.Effects, static e => e.IsVote);
        Assert.Equal([(new SequenceNumber(1), First.Digest)], learner.Sent<FetchBatch>(1).Select(static f => (f.Sequence, f.Digest))); // what it did not accept it does not keep
        learner.Step(new FetchedBatch(new(1), First.Batch, new(1)));
        Assert.Empty(learner.Votes);

        Vouched(learner, 0, 1);

        Assert.Equal([new Vote(VotePhase.Prepare, new(1), new(1), First.Digest, new(3))], learner.Votes);
    }

    [Fact]
    public void A_choice_that_others_commit_is_executed_without_its_vote()
    {
        var learner = Learner(self: 3);
        Leave(learner, 0, 2);
        learner.Step(NewViewTests.Choosing(learner, First.Digest));
        var choice = new PrePrepare(new(1), new(1), First.Batch, new(1));
        foreach (var i in new[] { 0, 1, 2 }) learner.Step(Make.Commit(choice, i));
        Assert.Equal(SequenceNumber.Zero, learner.Replica.LastExecuted);

        learner.Step(new FetchedBatch(new(1), First.Batch, new(1)));

        Assert.Equal(new(1), learner.Replica.LastExecuted);
        Assert.Empty(learner.Votes);
        Assert.Empty(learner.Replies);
    }

    [Fact]
    public void It_donates_nothing()
    {
        var learner = Learner();
        Follow(learner, 5);

        learner.Step(new FetchChunks(new(4), [ChunkId.Header], new(2)));
        Assert.Empty(Assert.Single(learner.Sent<Chunks>(2)).Items);
        learner.Step(new FetchBatch(new(5), Proposal(5).Digest, new(2)));
        Assert.Empty(learner.Sent<FetchedBatch>(2));
        Assert.Equal([IgnoreReason.NotWanted], learner.Ignored);
    }

    [Fact]
    public void As_the_primary_it_leads_only_once_it_takes_part()
    {
        var learner = Learner(self: 0);
        Assert.False(learner.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate.IsPrimary);
        learner.Step(Make.Open());
        Assert.Single(learner.Effects, static e => e.Kind == EffectKind.Order); // to a leader that does not lead

        Vouched(learner, 1, 2);

        var update = learner.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate;
        Assert.Equal((true, new SequenceNumber(1)), (update.IsPrimary, update.NextSequence));
        var told = Array.FindIndex(learner.Effects, static e => e.Kind == EffectKind.InformLeader);
        Assert.True(told < Array.FindLastIndex(learner.Effects, static e => e.Kind == EffectKind.Order)); // what waited is ordered now
    }
}
