using static OrleansPbft.Core.Tests.Claims;

namespace OrleansPbft.Core.Tests;

/// <summary>Whole clusters that lose a primary, messages, or sight of each other, and go on: rules VC-6, VC-7, VC-9 (LESSONS B27 ... B36).</summary>
public sealed class CatchUpTests
{
    /// <summary>VC-6 (B31): ten requests wait as their primary dies: all are executed, each once, in the next view.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Requests_that_waited_at_a_dead_primary_run_exactly_once(int replicas)
    {
        var cluster = new ClusterUnderTest(replicas);
        cluster.Submit(Make.Open());
        cluster.Cut.Add(0);
        cluster.Submit([.. Enumerable.Range(1, 10).Select(static i => Make.Request(i))]);
        var living = Enumerable.Range(1, replicas - 1).ToArray();

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(5), () => living.All(i => cluster[i].Service.Applied.Count == 10)));

        Assert.All(living, i => Assert.Equal(new View(1), cluster[i].Replica.View));
        Assert.All(living, i => Assert.Equal(Enumerable.Range(1, 10).Select(static o => $"op 1/1/{o}").Order(), cluster[i].Service.Applied.Order()));
        Assert.All(living, i => Assert.Equal(11, cluster.RepliesOf(i).DistinctBy(static r => r.Request).Count()));
        cluster.Cut.Clear();
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(5), () => cluster[0].Service.Applied.Count == 10));
        Assert.Equal(new View(1), cluster[0].Replica.View);
    }

    /// <summary>VC-7: f dead primaries in a row cost f view changes, and no more.</summary>
    [Fact]
    public void F_dead_primaries_in_a_row_are_passed_over()
    {
        var cluster = new ClusterUnderTest(7);
        cluster.Cut.UnionWith([0, 1]);
        cluster.Submit(Make.Open());

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(10), () => Enumerable.Range(2, 5).All(i => cluster[i].Replica.LastExecuted == new SequenceNumber(1))));

        Assert.All(Enumerable.Range(2, 5), i => Assert.Equal(new View(2), cluster[i].Replica.View));
    }

    /// <summary>VC-9 (B27): everything said during a view change is lost; once the network is well, it is said again.</summary>
    [Fact]
    public void A_view_change_of_which_everything_was_lost_happens_all_the_same()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Cut.Add(0);
        cluster.Submit(Make.Request(1));
        cluster.Loses = static (_, _, input) => input.Kind is InputKind.ViewChange or InputKind.NewView or InputKind.Status;
        Assert.False(cluster.Pass(TimeSpan.FromSeconds(5), () => cluster[1].Service.Applied.Count > 0));
        cluster.Loses = static (_, _, _) => false;

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(4), () => Enumerable.Range(1, 3).All(i => cluster[i].Service.Applied.Count == 1)));
    }

    /// <summary>VC-9 (B27): a SUSPECT that was lost is said again, so that f + 1 meet.</summary>
    [Fact]
    public void Suspicions_that_were_lost_are_said_again()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Cut.Add(0);
        cluster.Loses = static (_, _, input) => input.Kind == InputKind.Suspect;
        cluster.Submit(Make.Request(1));
        cluster.Pass(TimeSpan.FromSeconds(3));
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(View.Initial, cluster[i].Replica.View));
        cluster.Loses = static (_, _, _) => false;

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(3), () => cluster[1].Service.Applied.Count == 1));
    }

    /// <summary>VC-9 (B28): a replica that missed several views and checkpoints is brought to the present, though nothing happens any more.</summary>
    [Fact]
    public void A_replica_that_missed_views_and_checkpoints_catches_up()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Cut.Add(3);
        var number = 0;
        for (var view = 0; view < 3; view++)
        {
            for (var i = 0; i < 5; i++) cluster.Submit(Make.Request(++number));
            Depose(cluster, view);
        }

        Depose(cluster, 3); // that of the replica that is cut off
        cluster.Submit(Make.Request(++number));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(5), () => cluster[1].Service.Applied.Count == number));
        Assert.Equal((new View(4), true), (cluster[1].Replica.View, cluster[1].Replica.IsActive));
        cluster.Pass(TimeSpan.FromSeconds(1));
        cluster.Cut.Clear();

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(4), () => cluster[3].Replica.LastExecuted == cluster[1].Replica.LastExecuted));
        cluster.AssertAllAt(cluster[1].Replica.LastExecuted.Value, 0, 1, 2, 3);
        Assert.Equal((new View(4), true), (cluster[3].Replica.View, cluster[3].Replica.IsActive));
        cluster.Cut.Add(2); // and it is one of q again
        cluster.Submit(Make.Request(++number));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(1), () => cluster[1].Service.Applied.Count == number));
    }

    /// <summary>B35: what committed at one replica alone is what all others execute at that n, whatever view they do it in.</summary>
    [Fact]
    public void What_committed_at_one_replica_is_carried_over()
    {
        var cluster = new ClusterUnderTest();
        cluster.Loses = static (_, to, input) => to != 2 && input is { Kind: InputKind.Vote, Vote.Phase: VotePhase.Commit };
        cluster.Submit(Make.Open());
        Assert.Equal([0, 0, 1, 0], cluster.Members.Select(static m => m.Replica.LastExecuted.Value));
        cluster.Cut.Add(2); // it tells nobody
        cluster.Loses = static (_, _, _) => false;
        Depose(cluster, 0);
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(2), () => cluster[0].Replica.LastExecuted == new SequenceNumber(1)));
        cluster.Cut.Clear();
        cluster.Pass(TimeSpan.FromSeconds(2));

        cluster.AssertAllAt(1, 0, 1, 2, 3);
        Assert.Single(cluster.RepliesOf(2).DistinctBy(static r => r.Request));
    }

    /// <summary>B29: with one replica down, a view change ends, and is the last.</summary>
    [Fact]
    public void One_dead_backup_does_not_keep_views_changing()
    {
        var cluster = new ClusterUnderTest();
        cluster.Cut.Add(3);
        cluster.Submit(Make.Open());
        Depose(cluster, 0);
        for (var i = 1; i <= 20; i++)
        {
            cluster.Submit(Make.Request(i));
            cluster.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal((new View(1), 20), (cluster[i].Replica.View, cluster[i].Service.Applied.Count)));
    }

    /// <summary>VC-7 (B34): after a long outage of more than f, the first commit comes within two capped time-outs of the healing.</summary>
    [Fact]
    public void After_a_long_outage_commits_come_within_two_capped_time_outs()
    {
        var cluster = new ClusterUnderTest(configure: static o => o with { ViewChangeTimeoutMax = TimeSpan.FromSeconds(8) });
        cluster.Submit(Make.Open());
        cluster.Cut.UnionWith([0, 1]);
        cluster.Submit(Make.Request(1));
        Assert.False(cluster.Pass(TimeSpan.FromMinutes(10), () => cluster[2].Service.Applied.Count > 0, TimeSpan.FromMilliseconds(250)));
        cluster.Cut.Clear();

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(16), () => cluster.Members.All(static m => m.Service.Applied.Count == 1)));
    }

    /// <summary>VC-9: a peer in an earlier view, or waiting for ours to begin, gets the NEW-VIEW as its primary signed it; one ahead is told where we stand.</summary>
    [Fact]
    public void Who_is_in_an_earlier_view_is_shown_the_new_view()
    {
        var backup = new ReplicaUnderTest(self: 3);
        var newView = ViewChangeTests.NewView(backup, 2, Of(0, view: 2), Of(1, view: 2), Of(2, view: 2));
        backup.Step(newView);

        backup.Step(new Status(new(1), true, new(0), new(0), new(0)));
        Assert.Same(newView, Assert.Single(backup.Effects, static e => e.Kind == EffectKind.Relay).Message);
        backup.Step(new Status(new(2), false, new(0), new(0), new(1)));
        Assert.Same(newView, Assert.Single(backup.Effects, static e => e.Kind == EffectKind.Relay).Message);
        Assert.Single(backup.Events(ProtocolEventKind.Resent));

        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(125));
        backup.Step(new Status(new(2), true, new(0), new(0), new(0)));
        backup.Step(new Status(new(2), false, new(0), new(0), new(2))); // its own
        Assert.DoesNotContain(backup.Effects, static e => e.Kind is EffectKind.Relay or EffectKind.Send);
        backup.Step(new Status(new(5), true, new(0), new(0), new(1)));
        Assert.Equal(new(2), Assert.Single(backup.Sent<Status>(1)).View);
    }

    /// <summary>VC-9: the primary sends its own NEW-VIEW again, sealed anew.</summary>
    [Fact]
    public void The_primary_sends_its_new_view_again()
    {
        var primary = new ReplicaUnderTest(self: 1);
        ViewChangeTests.Leave(primary);
        primary.StepAll(Of(2, view: 1), Of(3, view: 1));

        primary.Step(new Status(View.Initial, true, new(0), new(0), new(0)));

        Assert.Equal(new(1), Assert.Single(primary.Sent<NewView>(0)).View);
    }

    /// <summary>VC-9: while no view is active, peers in earlier views get the VIEW-CHANGE, and all get it again with each status.</summary>
    [Fact]
    public void A_view_change_is_sent_again_while_it_matters()
    {
        var backup = new ReplicaUnderTest(self: 3);
        ViewChangeTests.Leave(backup, 0, 2);
        var said = Assert.Single(backup.Broadcast<ViewChange>());

        Assert.Same(said, Assert.Single(backup.Tick(backup.Options.StatusInterval), static e => e is { Kind: EffectKind.Broadcast, IsVote: false, Message: ViewChange }).Message);
        backup.Step(new Status(View.Initial, true, new(0), new(0), new(1)));
        Assert.Same(said, Assert.Single(backup.Sent<ViewChange>(1)));

        backup.Step(ViewChangeTests.NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1)));
        backup.Tick(backup.Options.HeartbeatInterval);
        Assert.Empty(backup.Broadcast<ViewChange>());
    }

    /// <summary>VC-9: a status is answered once in half an interval, from each peer; what a peer has it is not sent.</summary>
    [Fact]
    public void A_status_is_answered_with_what_its_sender_lacks()
    {
        var backup = new ReplicaUnderTest().WithSession();
        for (var n = 2; n <= 3; n++) backup.Execute(Make.PrePrepare(n, Make.Request(n - 1)));

        backup.Step(new Status(View.Initial, true, new(0), new(2), new(2)));
        Assert.Equal([3, 3], backup.Effects.Where(static e => e is { Kind: EffectKind.Send, IsVote: true }).Select(static e => e.Vote.Sequence.Value));
        Assert.Equal(new SequenceNumber(3), ((PrePrepare)Assert.Single(backup.Effects, static e => e.Kind == EffectKind.Relay).Message).Sequence);
        backup.Step(new Status(View.Initial, true, new(0), new(2), new(2)));
        Assert.Equal([IgnoreReason.TooSoon], backup.Ignored);
        backup.Step(new Status(View.Initial, true, new(0), new(3), new(3)));
        Assert.DoesNotContain(backup.Effects, static e => e.Kind is EffectKind.Relay or EffectKind.Send);
        backup.Step(new Status(new(4), true, new(0), new(1), new(0))); // in another view: votes of ours are no use
        Assert.DoesNotContain(backup.Effects, static e => e.IsVote);
    }

    /// <summary>VC-4, VC-9: a lying primary shows its NEW-VIEW, with a base that one correct replica holds, to that one alone, and is silent from
    /// then on. The others can begin no view: too few are not beyond the old base, too few hold the new one. Being shown its proof they can.</summary>
    [Fact]
    public void A_base_that_only_one_correct_replica_was_shown_is_shown_to_the_others()
    {
        var cluster = new ClusterUnderTest(); // K = 4; replica 3 is the liar
        cluster.Cut.Add(3);
        cluster.Loses = static (_, to, input) => to != 0 && input is { Kind: InputKind.Vote, Vote.Phase: VotePhase.Commit };
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 3; i++) cluster.Submit(Make.Request(i));
        Assert.Equal([4, 0, 0], cluster.Members[..3].Select(static m => m.Replica.LastExecuted.Value));
        cluster.Loses = static (_, _, _) => false;
        for (var view = 0; view < 3; view++)
        {
            for (var i = 0; i < 3; i++) cluster[i].StepAll(new Suspect(new(view), new(3)), new Suspect(new(view), new((i + 1) % 3)));
        }

        var lied = Of(3, checkpoints: "", view: 3, held: new(new(4), cluster[0].State.ComputeDigest()), stable: 4);
        var newView = NewView(cluster[0].Options.Cluster, 8, cluster[0].Broadcast<ViewChange>().Last(), cluster[1].Broadcast<ViewChange>().Last(), lied);
        Assert.Equal(new(4), newView.Decision.Base.Sequence);
        cluster[0].Step(newView);
        Assert.Equal((new View(3), true, new SequenceNumber(4)), (cluster[0].Replica.View, cluster[0].Replica.IsActive, cluster[0].Replica.StableCheckpoint));
        for (var i = 1; i < 3; i++) cluster[i].StepAll(new Suspect(new(3), new(3)), new Suspect(new(3), new(3 - i)));

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(20), () => cluster.Members[..3].All(static m => m.Replica is { IsActive: true, LastExecuted.Value: >= 4 })));
        cluster.Submit(Make.Request(4));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(10), () => cluster.Members[..3].All(static m => m.Service.Applied.Count == 4)));
    }

    /// <summary>That view: f + 1 suspect it, say all that are not cut off.</summary>
    private static void Depose(ClusterUnderTest cluster, long view)
    {
        for (var i = 0; i < cluster.Members.Length; i++)
        {
            for (var j = 0; j < cluster.Members.Length; j++)
            {
                if (i != j) cluster.Send(i, j, new Suspect(new(view), new(i)));
            }
        }

        cluster.Settle();
    }
}
