using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>Entering a view: rules VC-4 ... VC-6, sentence by sentence.</summary>
public sealed class NewViewTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    internal static readonly PrePrepare Known = Make.PrePrepare(1, Make.Open());

    /// <summary>VC-5: at q VIEW-CHANGEs the primary of the new view broadcasts S, the base and the choices; and leads on behind them.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void The_new_primary_begins_the_view_with_q_view_changes(int replicas)
    {
        var primary = new ReplicaUnderTest(1, replicas);
        var cluster = primary.Options.Cluster;
        Leave(primary);
        for (var i = 2; i < cluster.Quorum; i++)
        {
            primary.Step(Of(i, view: 1));
            Assert.False(primary.Replica.IsActive);
        }

        primary.Step(Of(cluster.Quorum, view: 1));

        var newView = Assert.Single(primary.Broadcast<NewView>());
        Assert.Equal((new View(1), new ReplicaId(1), cluster.Quorum), (newView.View, newView.Sender, newView.ViewChanges.Length));
        Assert.Equal(Enumerable.Range(1, cluster.Quorum), newView.ViewChanges.Select(static v => v.Sender.Index));
        Assert.True(primary.Replica.IsActive);
        var update = primary.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate;
        Assert.Equal((new View(1), true, new SequenceNumber(1)), (update.View, update.IsPrimary, update.NextSequence));
    }

    /// <summary>VC-5: a replica that is not the primary of the view does not begin it.</summary>
    [Fact]
    public void Others_do_not_begin_it()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);

        backup.StepAll(Of(0, view: 1), Of(1, view: 1), Of(2, view: 1));

        Assert.False(backup.Replica.IsActive);
        Assert.Empty(backup.Broadcast<NewView>());
    }

    /// <summary>VC-5: choices count as PRE-PREPAREs of the new view: journalled, PREPAREd by backups, executed at q COMMITs.</summary>
    [Fact]
    public void Choices_count_as_proposals_of_the_new_view()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);
        Leave(backup, 0, 2);

        var entered = backup.Step(Choosing(backup, Known.Digest));

        Assert.Equal([new Vote(VotePhase.Prepare, new(1), new(1), Known.Digest, new(3))], backup.Votes);
        var records = entered.Where(static e => e.Kind == EffectKind.Persist).Select(static e => e.Record).ToArray();
        Assert.Equal([JournalRecordKind.ViewEntered, JournalRecordKind.PrePrepared], records.Select(static r => r.Kind));
        Assert.Equal(new View(1), records[1].View);
        Commit(backup, new(new(1), new(1), Known.Batch, new(1)));
        Assert.Equal(["session opened"], backup.Replies.Select(static r => r.Status == ReplyStatus.SessionOpened ? "session opened" : "?"));
        Assert.Equal(new(1), backup.Replica.LastExecuted);
    }

    /// <summary>People are told of a view that is entered: its primary, its base and how many choices it came with.</summary>
    [Fact]
    public void A_view_that_is_entered_is_told()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);
        Leave(backup, 0, 2);

        backup.Step(Choosing(backup, Known.Digest));

        var told = Assert.Single(backup.Events(ProtocolEventKind.ViewEntered));
        Assert.Equal((new View(1), SequenceNumber.Zero, new ReplicaId(1), 1L), (told.View, told.Sequence, told.About, told.Amount));
    }

    /// <summary>VC-5, N-3: the new primary's choices are its own vote; it sends no PREPARE, and journals what it chose.</summary>
    [Fact]
    public void The_new_primary_prepares_nothing_it_chose()
    {
        var primary = new ReplicaUnderTest(self: 1);
        primary.Step(Known);
        Leave(primary);

        primary.StepAll(Of(2, $"1:x@0", "", view: 1), Of(3, view: 1));
        Assert.False(primary.Replica.IsActive); // x lacks A2, and two that know nothing are not q
        primary = new ReplicaUnderTest(self: 1);
        primary.Step(Known);
        primary.Step(Make.Prepare(Known, 2));
        Leave(primary);
        primary.StepAll(Naming(2, Known), Of(3, view: 1));

        Assert.True(primary.Replica.IsActive);
        Assert.Equal(Known.Digest, Assert.Single(Assert.Single(primary.Broadcast<NewView>()).Decision.Choices));
        Assert.Empty(primary.Votes);
        Assert.Contains(primary.Effects, static e => e.Kind == EffectKind.Persist && e.Record is { Kind: JournalRecordKind.PrePrepared, View.Number: 1 });
        Assert.Equal(new(2), primary.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate.NextSequence);
        primary.Step(Make.Prepare(new(new(1), new(1), Known.Batch, new(1)), 2));
        primary.Step(Make.Prepare(new(new(1), new(1), Known.Batch, new(1)), 3));
        Assert.Equal([VotePhase.Commit], primary.Votes.Select(static v => v.Phase));
    }

    /// <summary>VC-5, N-5: what was executed before is voted for again, for those who lack it, and not executed twice.</summary>
    [Fact]
    public void What_was_executed_before_is_not_executed_again()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Execute(Known);
        Leave(backup, 0, 2);

        backup.Step(Choosing(backup, Known.Digest));
        Assert.Equal([VotePhase.Prepare, VotePhase.Commit], backup.Votes.Select(static v => v.Phase)); // nothing else can ever be decided
        Commit(backup, new(new(1), new(1), Known.Batch, new(1)));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Equal(1, backup.Replica.Snapshot().Sessions);
        Assert.Empty(backup.Replies);
    }

    /// <summary>VC-4, N-5: a null choice is voted for, and executed as nothing.</summary>
    [Fact]
    public void A_null_choice_executes_as_nothing()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);
        backup.Step(Make.PrePrepare(2, Make.Open(2)));
        Leave(backup, 0, 2);

        var second = new PrePrepare(new(0), new(2), Known.Batch, new(0));
        backup.Step(NewView(backup, 1, Of(0, view: 1), Naming(1, second, prepared: true), Naming(2, second)));
        Assert.Equal([BatchEncoding.Null.Digest], backup.Votes.Select(static v => v.Digest)); // the other's batch is to be fetched
        Commit(backup, new(new(1), new(1), BatchEncoding.Null, new(1)));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Empty(backup.Service.Applied);
        Assert.Empty(backup.Replies);
    }

    /// <summary>VC-5 (B25): backups recompute; a NEW-VIEW that does not follow from its S is evidence, and its primary is suspected.</summary>
    [Fact]
    public void A_new_view_that_its_view_changes_do_not_decide_is_not_followed()
    {
        var cluster = new ClusterSize(4);
        ViewChange[] set = [Of(0, view: 1), Naming(1, Known, prepared: true), Naming(2, Known)];
        var right = ViewChangeDecision.Decide(cluster, 8, set)!;
        (string What, ViewChangeDecision Decision, ViewChange[] Set)[] wrongs =
        [
            ("a wrong choice", right with { Choices = [D("other")] }, set),
            ("null for a choice", right with { Choices = [BatchEncoding.Null.Digest] }, set),
            ("a missing choice", right with { Choices = [] }, set),
            ("one choice too many", right with { Choices = [.. right.Choices, D("other")] }, set),
            ("a wrong base", new(Held(4), []), set),
            ("a wrong base digest", right with { Base = new(new(0), D("x")) }, set),
            ("too few members", right, set[1..]),
            ("an undecided set", right, [Of(0, "1:x@0", "", view: 1), Naming(1, Known), Of(2, view: 1)]),
        ];
        foreach (var (what, decision, members) in wrongs)
        {
            var backup = new ReplicaUnderTest(self: 3);
            backup.Step(Known);
            Leave(backup, 0, 2);

            backup.Step(new NewView(new(1), [.. members], decision, new(1), Make.Bytes("wrong")));

            Assert.False(backup.Replica.IsActive, what);
            Assert.Empty(backup.Votes);
            Assert.Equal([IgnoreReason.WrongNewView], backup.Ignored);
            var evidence = Assert.Single(backup.Accusations);
            Assert.Equal((EvidenceKind.WrongNewView, 1, new View(1)), (evidence.Kind, evidence.Accused.Index, evidence.View));
            Assert.Equal(new Suspect(new(1), new(3)), Assert.Single(backup.Broadcast<Suspect>()));
            Assert.DoesNotContain(backup.Journal, static r => r.Kind == JournalRecordKind.ViewEntered);
        }
    }

    /// <summary>VC-5: only primary(v) begins v.</summary>
    [Fact]
    public void A_new_view_of_another_is_ignored()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        var right = NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1));

        foreach (var sender in new[] { 0, 2, 3, 9 })
        {
            backup.Step(new NewView(new(1), right.ViewChanges, right.Decision, new(sender), Make.Bytes("other")));
            Assert.Equal([IgnoreReason.WrongSender], backup.Ignored);
        }

        Assert.False(backup.Replica.IsActive);
        backup.Step(right);
        Assert.True(backup.Replica.IsActive);
    }

    /// <summary>VC-5, B32: the one of a view that is active, or past, changes nothing: votes and timers stay.</summary>
    [Fact]
    public void A_repeated_or_replayed_new_view_changes_nothing()
    {
        var backup = new ReplicaUnderTest(self: 3);
        var first = NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1));
        var second = NewView(backup, 2, Of(0, view: 2), Of(1, view: 2), Of(2, view: 2));
        backup.Step(first);
        var records = backup.Journal.Count;
        backup.Step(first);
        Assert.Equal([IgnoreReason.Duplicate], backup.Ignored);
        Assert.Equal(records, backup.Journal.Count);

        backup.Step(second);
        backup.Step(first);
        Assert.Equal([IgnoreReason.OtherView], backup.Ignored);

        Assert.Equal((new View(2), true), (backup.Replica.View, backup.Replica.IsActive));
    }

    /// <summary>B28: a NEW-VIEW is its own proof: who missed several views goes there at once.</summary>
    [Fact]
    public void A_new_view_takes_along_who_missed_several_views()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);

        backup.Step(NewView(backup, 6, Of(0, view: 6), Of(1, view: 6), Of(2, view: 6)));

        Assert.Equal((new View(6), true), (backup.Replica.View, backup.Replica.IsActive));
        backup.Step(Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open()), sender: 2, view: 6));
        Assert.Single(backup.Votes);
    }

    /// <summary>N-6: what the new primary and voters said before their NEW-VIEW was here counts when it is.</summary>
    [Fact]
    public void What_came_before_its_new_view_counts_once_it_is_there()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        var early = Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open()), sender: 1, view: 1);
        backup.Step(early);
        foreach (var i in new[] { 0, 2 }) backup.Step(Make.Prepare(early, i));
        foreach (var i in new[] { 0, 1, 2 }) backup.Step(Make.Commit(early, i));
        Assert.Empty(backup.Votes);
        Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);

        backup.Step(NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1)));

        Assert.Equal([VotePhase.Prepare, VotePhase.Commit], backup.Votes.Select(static v => v.Phase));
        Assert.Equal(new(1), backup.Replica.LastExecuted);
    }

    /// <summary>VC-5: the primary can propose nothing else where its NEW-VIEW chose; that is equivocation.</summary>
    [Fact]
    public void A_proposal_that_contradicts_the_choice_is_evidence()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        var newView = Choosing(backup, Known.Digest);
        backup.Step(newView); // its batch is not at hand: no proposal accepted yet

        backup.Step(Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open(2)), sender: 1, view: 1));

        Assert.Empty(backup.Votes);
        var evidence = Assert.Single(backup.Accusations);
        Assert.Equal((EvidenceKind.EquivocatingProposal, Known.Digest), (evidence.Kind, evidence.First));
        Assert.Equal(newView.Envelope, evidence.FirstEnvelope);
        Assert.Single(backup.Broadcast<Suspect>());
    }

    /// <summary>VC-6 (B31): what waited before the change waits on, with fresh timers, and goes to the new primary once.</summary>
    [Fact]
    public void Pending_requests_go_to_the_new_primary_with_fresh_timers()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Make.Open(1));
        backup.Step(Make.Open(2));
        backup.Step(Known); // proposed, and to be chosen: it is on its way
        backup.Tick(TimeSpan.FromSeconds(1.5));
        Leave(backup, 0, 2);
        Assert.DoesNotContain(backup.Tick(TimeSpan.FromSeconds(60)), static e => e is { Kind: EffectKind.Broadcast, IsVote: false, Message: Suspect });

        backup.Step(Choosing(backup, Known.Digest));

        Assert.Equal(2, backup.Replica.Pending);
        var relayed = Assert.Single(backup.Effects, static e => e.Kind == EffectKind.Relay);
        Assert.Equal((1, Make.Open(2).Id), (relayed.To.Index, relayed.Request!.Id));
        backup.Tick(backup.Options.RequestTimeout - Moment);
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);
        Assert.NotEmpty(backup.Broadcast<Suspect>());
    }

    /// <summary>VC-6: the new primary orders what waited with it, but not what its choices hold.</summary>
    [Fact]
    public void The_new_primary_orders_what_waited()
    {
        var primary = new ReplicaUnderTest(self: 1);
        primary.Step(Make.Open(1));
        primary.Step(Make.Open(2));
        primary.Step(Known);
        primary.Step(Make.Prepare(Known, 2));
        Leave(primary);

        primary.StepAll(Naming(2, Known), Of(3, view: 1));

        Assert.Equal([Make.Open(2).Id], primary.Effects.Where(static e => e.Kind == EffectKind.Order).Select(static e => e.Request!.Id));
    }

    /// <summary>C-5: a request that arrives while no view is active waits, is passed on when one is, and is timed from then on.</summary>
    [Fact]
    public void A_request_that_comes_between_views_waits_for_the_next()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        backup.Step(Make.Open());
        Assert.DoesNotContain(backup.Effects, static e => e.Kind is EffectKind.Relay or EffectKind.Order);

        backup.Step(NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1)));

        Assert.Equal(1, Assert.Single(backup.Effects, static e => e.Kind == EffectKind.Relay).To.Index);
    }

    /// <summary>VC-5, LESSONS B52: clients are told of a view only once it is active.</summary>
    [Fact]
    public void Replies_name_the_latest_view_that_began()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Execute(Known);
        Leave(backup, 0, 2);
        backup.Step(Make.Open());
        Assert.Equal([View.Initial], backup.Replies.Select(static r => r.View));

        backup.Step(NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1)));
        backup.Step(Make.Open());
        Assert.Equal([new View(1)], backup.Replies.Select(static r => r.View));
    }

    internal static void Commit(ReplicaUnderTest backup, PrePrepare proposal)
    {
        var all = new List<Effect>();
        if (proposal.Envelope.Length > 0) all.AddRange(backup.Step(proposal));
        foreach (var i in Enumerable.Range(0, 4).Where(i => i != proposal.Sender.Index)) all.AddRange(backup.Step(Make.Prepare(proposal, i)));
        foreach (var i in Enumerable.Range(0, 4)) all.AddRange(backup.Step(Make.Commit(proposal, i)));
        backup.Remember(all);
    }

    /// <summary>A NEW-VIEW 1 of replicas 0, 1 and 2 that chooses <paramref name="digest"/> at n = 1: prepared at 1, proposed to 2.</summary>
    internal static NewView Choosing(ReplicaUnderTest backup, Digest digest)
    {
        LogEntry entry = new(new(1), digest, View.Initial);
        return NewView(backup, 1, Of(0, view: 1), Naming(1, entry, true), Naming(2, entry, false));
    }

    internal static ViewChange Naming(int sender, PrePrepare proposal, bool prepared = false) =>
        Naming(sender, new LogEntry(proposal.Sequence, proposal.Digest, proposal.View), prepared);

    private static ViewChange Naming(int sender, LogEntry entry, bool prepared) =>
        new(new(1), new(0), [Held(0)], prepared ? [entry] : [], [entry], new(sender), Make.Bytes($"naming {sender} {entry} {prepared}"));
}
