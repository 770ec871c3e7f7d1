using static OrleansPbft.Core.Tests.Claims;

namespace OrleansPbft.Core.Tests;

/// <summary>Leaving a view: rules VC-1 ... VC-3, VC-8, VC-10, sentence by sentence.</summary>
public sealed class ViewChangeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>VC-1: suspect first: when a request's timer expires, the replica says so and keeps working in v.</summary>
    [Fact]
    public void An_expired_timer_makes_a_suspicion_and_no_view_change()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Step(Make.Request(1));
        Assert.DoesNotContain(backup.Tick(backup.Options.RequestTimeout - Moment), IsSuspect);

        backup.Tick(Moment);

        Assert.Equal(new Suspect(View.Initial, new(1)), Assert.Single(backup.Broadcast<Suspect>()));
        Assert.Equal((long)SuspicionCause.RequestOverdue, Assert.Single(backup.Events(ProtocolEventKind.Suspected)).Amount);
        Assert.Equal((View.Initial, true), (backup.Replica.View, backup.Replica.IsActive));
        backup.Execute(Make.PrePrepare(2, Make.Request(1))); // still working
        Assert.Single(backup.Replies);
    }

    /// <summary>VC-1, VC-8: it says so once; the second reason adds nothing. While it has cause, it says so again at each status (VC-9).</summary>
    [Fact]
    public void A_suspicion_is_said_once_and_sent_again_with_each_status()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Step(Make.Request(1));
        backup.Step(Make.Request(2));
        var suspects = backup.Tick(backup.Options.RequestTimeout).Count(IsSuspect);
        Assert.InRange(suspects, 1, 2); // one as news, at most one more with a status that was due as well

        Assert.DoesNotContain(backup.Tick(Moment), IsSuspect);
        Assert.Single(backup.Tick(backup.Options.StatusInterval), IsSuspect);
    }

    /// <summary>VC-1: f + 1 of distinct replicas leave v, their own included where there is one; f do not.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public void F_plus_1_suspects_end_a_view_and_f_do_not(int replicas)
    {
        var backup = new ReplicaUnderTest(1, replicas);
        var f = backup.Options.Cluster.MaxFaulty;
        for (var i = 0; i < f; i++)
        {
            backup.StepAll(new Suspect(new(0), new(2 + i)), new Suspect(new(0), new(2 + i)));
            Assert.True(backup.Replica.IsActive);
        }

        backup.Step(new Suspect(new(0), new(0)));

        Assert.Equal((new View(1), false), (backup.Replica.View, backup.Replica.IsActive));
        Assert.Equal(new(1), Assert.Single(backup.Broadcast<ViewChange>()).View);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void Ones_own_suspicion_counts(int replicas)
    {
        var backup = new ReplicaUnderTest(1, replicas);
        var f = backup.Options.Cluster.MaxFaulty;
        backup.StepAll(Enumerable.Range(0, f).Select(i => new Suspect(new(0), new(2 + i))));
        backup.Step(Make.Open());
        Assert.True(backup.Replica.IsActive);

        backup.Tick(backup.Options.RequestTimeout);

        Assert.Equal((new View(1), false), (backup.Replica.View, backup.Replica.IsActive));
    }

    /// <summary>VC-1: it relays those f + 1, so that all leave with it: one that heard only a liar's and ours leaves too.</summary>
    [Fact]
    public void Who_leaves_relays_what_made_it_leave()
    {
        var backup = new ReplicaUnderTest(1, 7);
        Suspect[] suspects = [.. new[] { 2, 4, 6 }.Select(i => new Suspect(new(0), new(i), Make.Bytes($"suspect {i}")))];

        backup.StepAll(suspects);

        var relayed = backup.Effects.Where(static e => e.Kind == EffectKind.Relay).ToArray();
        Assert.All(suspects, suspect => Assert.Equal(
            new[] { 0, 2, 3, 4, 5, 6 }.Where(i => i != suspect.Sender.Index), relayed.Where(e => ReferenceEquals(e.Message, suspect)).Select(e => e.To.Index)));
        Assert.Equal(15, relayed.Length);
    }

    /// <summary>VC-1 (B10): one liar deposes nobody, whatever it repeats, and of whatever view it speaks.</summary>
    [Fact]
    public void One_liar_deposes_nobody()
    {
        var backup = new ReplicaUnderTest();
        foreach (var view in new long[] { 0, 0, 1, 5, 1000, 1, 0, long.MaxValue - 1 })
        {
            backup.Step(new Suspect(new(view), new(3)));
            backup.Step(Of(3, view: view + 1));
        }

        backup.Step(new Suspect(new(0), new(1))); // in our own name
        backup.Step(new Suspect(new(0), new(44)));

        Assert.Equal((View.Initial, true), (backup.Replica.View, backup.Replica.IsActive));
        Assert.Equal([IgnoreReason.UnknownReplica], backup.Ignored);
        Assert.Empty(backup.Accusations);
    }

    /// <summary>VC-1: suspects of other views do not add up to one of this view.</summary>
    [Fact]
    public void Suspects_of_different_views_do_not_add_up()
    {
        var backup = new ReplicaUnderTest();
        backup.StepAll(new Suspect(new(0), new(0)), new Suspect(new(1), new(2)), new Suspect(new(2), new(3)));
        Assert.Equal((View.Initial, true), (backup.Replica.View, backup.Replica.IsActive));

        backup.Step(new Suspect(new(0), new(2))); // said earlier than what is known of it, or replayed
        Assert.Equal([IgnoreReason.Duplicate], backup.Ignored);
        Assert.True(backup.Replica.IsActive);
    }

    /// <summary>VC-2: having left v it takes no PRE-PREPARE, PREPARE or COMMIT of it: it votes for nothing and executes nothing by them.</summary>
    [Fact]
    public void Nothing_of_the_left_view_counts()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.StepAll(proposal);
        foreach (var i in new[] { 0, 2 }) backup.Step(Make.Commit(proposal, i));
        Leave(backup);

        backup.Step(Make.PrePrepare(2, Make.Open(2)));
        Assert.Equal([IgnoreReason.OtherView], backup.Ignored);
        Assert.Empty(backup.Votes);
        foreach (var i in new[] { 2, 3 }) backup.Step(Make.Prepare(proposal, i));
        backup.Step(Make.Commit(proposal, 3));

        Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);
        Assert.Empty(backup.Votes);
    }

    /// <summary>VC-2: it is durable before it is said, and says h, C, P and Q.</summary>
    [Fact]
    public void A_view_change_says_what_is_in_the_log()
    {
        var backup = new ReplicaUnderTest(); // K = 4
        backup.WithSession();
        for (var n = 2; n <= 5; n++) backup.Execute(Make.PrePrepare(n, Make.Request(n - 1)));
        var prepared = Make.PrePrepare(6, Make.Request(5));
        var proposed = Make.PrePrepare(7, Make.Request(6));
        backup.StepAll(prepared, proposed);
        backup.Step(Make.Prepare(prepared, 2));

        Leave(backup);

        var said = Assert.Single(backup.Broadcast<ViewChange>());
        Assert.Equal((new View(1), SequenceNumber.Zero, new ReplicaId(1)), (said.View, said.StableCheckpoint, said.Sender));
        Assert.Equal([0, 4], said.Checkpoints.Select(static c => c.Sequence.Value));
        Assert.Equal(Digest.Zero, said.Checkpoints[0].Digest);
        Assert.Equal([1, 2, 3, 4, 5, 6], said.Prepared.Select(static p => p.Sequence.Value));
        Assert.Equal(new(new(6), prepared.Digest, View.Initial), said.Prepared[5]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], said.PrePrepared.Select(static q => q.Sequence.Value));
        Assert.Equal(new(new(7), proposed.Digest, View.Initial), said.PrePrepared[6]);
        var persisted = Array.FindIndex(backup.Effects, static e => e is { Kind: EffectKind.Persist, Record.Kind: JournalRecordKind.ViewLeft });
        Assert.Same(said, backup.Effects[persisted].Record.Subject);
        Assert.True(persisted < Array.FindIndex(backup.Effects, static e => e is { Kind: EffectKind.Broadcast, IsVote: false, Message: ViewChange }));
    }

    /// <summary>VC-2: P and Q stay through views that do not begin, and take the latest view of each digest where they do.</summary>
    [Fact]
    public void P_and_Q_stay_and_grow_through_the_views()
    {
        var backup = new ReplicaUnderTest(self: 3);
        var a = Make.PrePrepare(1, Make.Open());
        backup.StepAll(a);
        backup.Step(Make.Prepare(a, 1)); // A prepared in view 0
        Leave(backup, 0, 2);
        Assert.Equal([Entry(1, a.Digest, 0)], SaidBy(backup).Prepared);

        // Views 1 and 2 never begin here; the NEW-VIEW of 3 starts from others, who know nothing of A (A2 fails), and chooses null.
        Leave(backup, 0, 2);
        Assert.Equal([Entry(1, a.Digest, 0)], SaidBy(backup).Prepared);
        Enter(backup, NewView(backup, 4, Of(0, "2:B@1", "2:B@1", view: 4), Of(1, "", "2:B@1", view: 4), Of(2, view: 4)));
        backup.Step(Make.Prepare(new PrePrepare(new(4), new(1), BatchEncoding.Null, new(0)), 1));
        Leave(backup, 1, 2);

        var said = SaidBy(backup);
        Assert.Equal([Entry(1, BatchEncoding.Null.Digest, 4)], said.Prepared);
        Assert.Equal(
            new[] { Entry(1, a.Digest, 0), Entry(1, BatchEncoding.Null.Digest, 4) }.OrderBy(static e => e.Digest),
            said.PrePrepared);
    }

    /// <summary>VC-2: Q is bounded at each n: the oldest goes. P names no more what the NEW-VIEW of a later view did not choose: it can not have committed.</summary>
    [Fact]
    public void Q_keeps_the_latest_four_and_P_nothing_that_was_disproved()
    {
        var backup = new ReplicaUnderTest(self: 3);
        var prepared = Make.PrePrepare(1, Make.Open(client: 100));
        backup.StepAll(prepared);
        backup.Step(Make.Prepare(prepared, 1));
        List<Digest> proposed = [];
        for (var view = 1; view <= 6; view++)
        {
            Leave(backup, 0, 2);
            if (view % 4 == 3) continue;
            backup.Step(NewView(backup, view, Of(0, view: view), Of(1, view: view), Of(2, view: view)));
            var proposal = Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open(client: view)), sender: view % 4, view: view);
            backup.Step(proposal);
            Assert.Single(backup.Votes);
            proposed.Add(proposal.Digest);
        }

        Leave(backup, 0, 2);

        var said = SaidBy(backup);
        Assert.Empty(said.Prepared);
        Assert.Equal(proposed[^4..].Order(), said.PrePrepared.Select(static q => q.Digest));
    }

    /// <summary>VC-3: one VIEW-CHANGE per replica and view counts; another that says otherwise is evidence.</summary>
    [Fact]
    public void One_view_change_counts_per_replica_and_view()
    {
        var primary = new ReplicaUnderTest(self: 1);
        Leave(primary);
        var first = Of(2, view: 1);

        primary.StepAll(first, Of(2, view: 1), Of(2, view: 1));
        Assert.Equal([IgnoreReason.Duplicate, IgnoreReason.Duplicate], primary.Ignored);
        Assert.False(primary.Replica.IsActive); // one and its own are two of three

        primary.Step(Of(2, "1:A@0", "1:A@0", view: 1));
        Assert.Equal([IgnoreReason.Contradiction], primary.Ignored);
        var evidence = Assert.Single(primary.Accusations);
        Assert.Equal((EvidenceKind.EquivocatingViewChange, 2, new View(1)), (evidence.Kind, evidence.Accused.Index, evidence.View));
        Assert.Equal(first.Envelope, evidence.FirstEnvelope);

        primary.Step(Of(3, view: 1));
        Assert.True(primary.Replica.IsActive);
        Assert.True(Assert.Single(primary.Broadcast<NewView>()).ViewChanges[1].SaysTheSame(first)); // senders 1, 2, 3
    }

    /// <summary>VC-3 (B28): f + 1 for views above one's own take a replica to the smallest of them, and on while that is so.</summary>
    [Fact]
    public void F_plus_1_for_later_views_are_joined_at_the_smallest()
    {
        var backup = new ReplicaUnderTest(3, 7);
        backup.Step(Of(0, view: 7));
        backup.Step(Of(1, view: 5));
        Assert.True(backup.Replica.IsActive);
        backup.Step(Of(2, view: 9));

        Assert.Equal((new View(5), false), (backup.Replica.View, backup.Replica.IsActive));
        Assert.Equal(new(5), SaidBy(backup).View);
        backup.Step(Of(4, view: 6));
        Assert.Equal(new View(6), backup.Replica.View);
    }

    /// <summary>VC-3 (B32): f replicas 1000 views ahead move nobody; nor does it help them to say it of many views.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    public void F_replicas_far_ahead_move_nobody(int replicas)
    {
        var backup = new ReplicaUnderTest(1, replicas);
        for (var view = 1000; view < 1010; view++)
        {
            for (var i = 0; i < backup.Options.Cluster.MaxFaulty; i++)
            {
                backup.StepAll(Of(2 + i, view: view), new Suspect(new(view), new(2 + i)), new Status(new(view), true, new(0), new(0), new(2 + i)));
            }
        }

        Assert.Equal((View.Initial, true), (backup.Replica.View, backup.Replica.IsActive));
        backup.Step(Of(0, view: 3));
        Assert.Equal(new View(3), backup.Replica.View); // the smallest: that of the one that may be correct
    }

    /// <summary>B32: views never go back: what was said of views before is ignored.</summary>
    [Fact]
    public void Views_never_go_back()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.StepAll(Of(0, view: 6), Of(1, view: 6));
        Assert.Equal(new View(6), backup.Replica.View);

        backup.StepAll(Of(0, view: 2), Of(1, view: 2), Of(2, view: 2), new Suspect(new(1), new(0)), new Suspect(new(1), new(2)));
        Assert.Equal(Enumerable.Repeat(IgnoreReason.OtherView, 5), backup.Ignored);
        backup.Step(Claims.NewView(backup.Options.Cluster, 8, Of(0, view: 4), Of(1, view: 4), Of(2, view: 4)));
        Assert.Equal([IgnoreReason.OtherView], backup.Ignored);

        Assert.Equal((new View(6), false), (backup.Replica.View, backup.Replica.IsActive));
        Assert.Empty(backup.Accusations);
    }

    /// <summary>VC-8: two proposals signed by one primary at one (v, n) count as an expired timer.</summary>
    [Fact]
    public void An_equivocating_primary_is_suspected_at_once()
    {
        var backup = new ReplicaUnderTest();
        backup.Step(Make.PrePrepare(1, Make.Open()));

        backup.Step(Make.PrePrepare(1, Make.Open(client: 2)));

        Assert.Equal(new Suspect(View.Initial, new(1)), Assert.Single(backup.Broadcast<Suspect>()));
        Assert.Equal((long)SuspicionCause.Equivocation, Assert.Single(backup.Events(ProtocolEventKind.Suspected)).Amount);
        Assert.Equal(EvidenceKind.EquivocatingProposal, Assert.Single(backup.Accusations).Kind);
        Assert.True(backup.Replica.IsActive);
    }

    /// <summary>VC-10: the oldest request waits too long while the primary orders others.</summary>
    [Fact]
    public void A_primary_that_orders_others_first_for_too_long_is_suspected()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(10));
        backup.Step(Make.Request(1));
        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(10));
        backup.Step(Make.Request(2));
        backup.Execute(Make.PrePrepare(2, Make.Batch(backup.Now, Make.Request(2))));

        backup.Tick(backup.Options.OrderingDelayMax - TimeSpan.FromMilliseconds(11));
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);

        Assert.Single(backup.Broadcast<Suspect>());
        Assert.Equal((long)SuspicionCause.OrderingTooSlow, Assert.Single(backup.Events(ProtocolEventKind.Suspected)).Amount);
    }

    /// <summary>VC-10: while it orders nothing else, the request has its whole time-out; null batches are no order.</summary>
    [Fact]
    public void A_primary_that_orders_nothing_else_has_the_whole_time_out()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(10));
        backup.Step(Make.Request(1));
        backup.Execute(Make.PrePrepare(2, Make.Batch(backup.Now)));

        backup.Tick(backup.Options.RequestTimeout - Moment);

        Assert.Empty(backup.Broadcast<Suspect>());
        Assert.Single(backup.Tick(Moment), IsSuspect);
    }

    /// <summary>C-5, LESSONS B49: a censored request's timer is not reset by the progress of all others.</summary>
    [Fact]
    public void Progress_of_others_does_not_reset_a_requests_timer()
    {
        var backup = new ReplicaUnderTest(configure: static o => o with { OrderingDelayMax = o.RequestTimeout, LogWindow = 64 }).WithSession();
        backup.Step(Make.Request(1));
        for (var n = 2; n <= 20; n++)
        {
            backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(100));
            backup.Execute(Make.PrePrepare(n, Make.Batch(backup.Now, Make.Request(n))));
            Assert.Empty(backup.Broadcast<Suspect>());
        }

        Assert.Single(backup.Tick(TimeSpan.FromMilliseconds(100)), IsSuspect);
    }

    internal static void Leave(ReplicaUnderTest replica, params int[] suspecting)
    {
        if (suspecting.Length == 0) suspecting = [.. Enumerable.Range(2, replica.Options.Cluster.WeakQuorum)];
        replica.StepAll(suspecting.Select(i => new Suspect(replica.Replica.View, new(i))));
        Assert.False(replica.Replica.IsActive);
    }

    internal static NewView NewView(ReplicaUnderTest replica, long view, params ViewChange[] set)
    {
        Assert.All(set, one => Assert.Equal(view, one.View.Number));
        return Claims.NewView(replica.Options.Cluster, replica.Options.LogWindow, set);
    }

    private static void Enter(ReplicaUnderTest replica, NewView newView)
    {
        replica.Step(newView);
        Assert.Equal((newView.View, true), (replica.Replica.View, replica.Replica.IsActive));
    }

    internal static ViewChange SaidBy(ReplicaUnderTest replica) => replica.Broadcast<ViewChange>().Last();

    private static LogEntry Entry(long n, Digest digest, long view) => new(new(n), digest, new(view));

    private static bool IsSuspect(Effect effect) => effect is { Kind: EffectKind.Broadcast, IsVote: false, Message: Suspect };
}
