using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.TransferTests;

namespace OrleansPbft.Core.Tests;

/// <summary>f liars say something to some, and are silent from then on: every correct replica is needed, and the view must begin all the same (VC-4, VC-7, VC-9).</summary>
public sealed class SilentLiarTests
{
    private const int Far = 20;

    /// <summary>VC-7: q replicas are in the view, its primary is silent; meanwhile an older NEW-VIEW made this one fetch a base.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_wait_for_a_new_view_outlives_a_transfer(bool withTransfer)
    {
        var donors = Donors();
        HeldCheckpoint held = new(new(Far), donors[0].State.ComputeDigest());
        var replica = new ReplicaUnderTest(self: 3);
        ViewChangeTests.Leave(replica, 0, 2);
        ViewChangeTests.Leave(replica, 0, 2);
        Assert.Equal(new View(2), replica.Replica.View);
        replica.StepAll(Of(0, view: 2), Of(1, view: 2)); // q with its own
        if (withTransfer)
        {
            var members = new[] { 0, 1, 2 }.Select(i => Of(i, stable: Far, held: held, view: 1));
            replica.Step(ViewChangeTests.NewView(replica, 1, [.. members]));
            Serve(replica, donors);
            Assert.Equal(new(Far), replica.Replica.LastExecuted);
            Assert.Equal(ReplicaCondition.ViewChanging, replica.Replica.Snapshot().Condition);
        }

        var suspected = false;
        for (var i = 0; i < 600 && !suspected; i++)
        {
            replica.Tick(TimeSpan.FromSeconds(1));
            suspected |= replica.Broadcast<Suspect>().Any();
            replica.StepAll(Of(0, view: 2), Of(1, view: 2)); // they send theirs again
            suspected |= replica.Broadcast<Suspect>().Any();
        }

        Assert.True(suspected);
    }

    /// <summary>VC-7 with VC-9: one correct replica shows the base of its NEW-VIEW to the two others, who fetch it and wait for ever.</summary>
    [Fact]
    public void The_cluster_goes_on_after_a_base_was_shown()
    {
        var cluster = new ClusterUnderTest();
        cluster.Cut.Add(3); // the liar: what it says is said below
        static bool IsCommit(Input input) => input.Kind == InputKind.Vote && input.Vote.Phase == VotePhase.Commit;
        cluster.Loses = static (_, to, input) => (IsCommit(input) && to != 2) || input.Kind is InputKind.Status or InputKind.NewView;
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 3; i++)
        {
            cluster.Pass(TimeSpan.FromMilliseconds(20), step: TimeSpan.FromMilliseconds(10));
            cluster.Submit(Make.Request(i));
        }

        cluster.Pass(TimeSpan.FromMilliseconds(20), step: TimeSpan.FromMilliseconds(10));
        Assert.Equal([0, 0, 4], cluster.Members.Take(3).Select(static m => m.Replica.LastExecuted.Value));
        int[] correct = [0, 1, 2];
        Assert.True(cluster.Pass(TimeSpan.FromMinutes(5), () => correct.All(i => cluster[i].Replica.View == new View(3))));
        var said = correct.Select(i => cluster.BroadcastBy<ViewChange>(i).Last(static v => v.View == new View(3))).ToArray();
        HeldCheckpoint four = new(new(4), cluster[2].State.ComputeDigest());
        ViewChange lie = new(new(3), SequenceNumber.Zero, [Held(0), four], [], [], new(3), Make.Bytes("lie"));
        var shown = Claims.NewView(cluster[2].Options.Cluster, 8, said[0], said[2], lie);
        Assert.Equal(four, shown.Decision.Base);
        cluster[2].Step(shown); // to replica 2 alone; the liar is silent from here on
        Assert.Equal(new SequenceNumber(4), cluster[2].Replica.StableCheckpoint);
        Assert.True(cluster.Pass(TimeSpan.FromMinutes(5), () => correct.All(i => cluster[i].Replica.View == new View(4))));
        cluster.Loses = static (_, _, _) => false; // all is healed

        var works = cluster.Pass(TimeSpan.FromMinutes(10), () => correct.All(i => cluster[i].Replica.IsActive), step: TimeSpan.FromMilliseconds(250));
        Assert.True(works, cluster.ToString());
    }

    /// <summary>VC-4: Q forgets the fifth digest, and with it what another correct replica prepared.</summary>
    [Fact]
    public void The_correct_replicas_can_always_decide_however_often_the_digest_at_n_changed()
    {
        // n = 4; 3 lies; 1 prepares d at n = 1 in view 0 and is then cut off. 0 and 2 and the liar go through views 2, 3, 4, 6 in which one proposal at n = 1 does not prepare.
        ReplicaUnderTest[] r = [new(0), new(1), new(2)];
        var d = Make.PrePrepare(1, Make.Open());
        foreach (var one in r) one.Step(d);
        r[1].Step(Make.Prepare(d, 2));
        Assert.NotEmpty(r[1].Events(ProtocolEventKind.Prepared));
        for (var view = 1L; view <= 6; view++)
        {
            var said = new Dictionary<int, ViewChange>();
            foreach (var i in new[] { 0, 2 })
            {
                ViewChangeTests.Leave(r[i], i == 0 ? 2 : 0, 3);
                said[i] = r[i].Broadcast<ViewChange>().Last();
            }

            var primary = (int)(view % 4);
            if (primary == 1) continue;
            ViewChange[] set = [said[0], said[2], Of(3, view: view)];
            foreach (var i in new[] { 0, 2 })
            {
                if (i == primary) r[i].StepAll(set.Where(s => s.Sender.Index != i));
                else r[i].Step(Claims.NewView(r[i].Options.Cluster, 8, set));
                Assert.Equal((new View(view), true), (r[i].Replica.View, r[i].Replica.IsActive));
                r[i].Step(Make.PrePrepare(1, Make.Batch(Make.Noon.Plus(TimeSpan.FromMilliseconds(view)), Make.Open(client: (int)view)), sender: primary, view: view));
                Assert.True(r[i].Events(ProtocolEventKind.PrePrepared).Any(), $"view {view} replica {i}: {string.Join("; ", r[i].Effects)}");
            }
        }

        // Healed; the liar is silent from here on. All three go to view 8.
        foreach (var i in new[] { 0, 2 })
        {
            ViewChangeTests.Leave(r[i], i == 0 ? 2 : 0, 3);
            ViewChangeTests.Leave(r[i], i == 0 ? 2 : 0, 3);
        }

        r[1].StepAll(r[0].Broadcast<ViewChange>().Last(), r[2].Broadcast<ViewChange>().Last());
        ViewChange[] all = [.. r.Select(static one => one.Broadcast<ViewChange>().Last())];
        Assert.All(all, static one => Assert.Equal(new View(8), one.View));
        Assert.Null(ViewChangeDecision.Decide(r[0].Options.Cluster, 8, all));

        r[0].Step(all[1]);
        r[0].Step(new Status(new(8), false, SequenceNumber.Zero, SequenceNumber.Zero, new(1)));
        var shown = Assert.Single(r[0].Effects, static e => e is { Kind: EffectKind.Relay, Message: NewView });
        r[1].Step((NewView)shown.Message);
        foreach (var i in new[] { 0, 1, 2 }) ViewChangeTests.Leave(r[i], i == 0 ? 2 : 0, 3);
        Assert.NotNull(ViewChangeDecision.Decide(r[0].Options.Cluster, 8, [.. r.Select(static one => one.Broadcast<ViewChange>().Last())]));
    }

    /// <summary>VC-4, VC-7: f liars and one correct replica vouch for a far checkpoint to one that is behind; then the liars fall silent and the view ends.</summary>
    [Fact]
    public void The_correct_replicas_can_decide_after_one_was_brought_ahead_by_f_liars_and_another()
    {
        var cluster = new ClusterUnderTest(7);
        cluster.Submit(Make.Open());
        cluster.Cut.Add(6);
        for (var i = 1; i <= 15; i++) cluster.Submit(Make.Request(i));
        cluster.Pass(TimeSpan.FromSeconds(3));
        cluster.AssertAllAt(16, 0, 1, 2, 3, 4, 5);
        Assert.Equal(new SequenceNumber(16), cluster[1].Replica.StableCheckpoint);

        // 17 ... 20 are executed by 0 (and by 4 and 5, who lie); the others prepare them, and hear no COMMIT. CHECKPOINT(20) goes to 6 alone.
        static bool IsCommit(Input input) => input.Kind == InputKind.Vote && input.Vote.Phase == VotePhase.Commit;
        cluster.Loses = static (_, to, input) => (IsCommit(input) && to is 1 or 2 or 3)
            || (input.Kind == InputKind.Checkpoint && to != 6) || input.Kind == InputKind.Status;
        for (var i = 16; i <= 19; i++) cluster.Submit(Make.Request(i));
        Assert.Equal(new SequenceNumber(20), cluster[0].Replica.LastExecuted);
        Assert.Equal(new SequenceNumber(16), cluster[1].Replica.LastExecuted);
        cluster.Cut.Clear();
        cluster.Cut.UnionWith([1, 2, 3]);
        cluster.Loses = static (_, to, input) => input.Kind is InputKind.PrePrepare or InputKind.Vote || (input.Kind == InputKind.Checkpoint && to != 6);
        cluster.Pass(TimeSpan.FromSeconds(1.9), () => cluster[6].Replica.LastExecuted == new SequenceNumber(20));
        Assert.Equal(new SequenceNumber(20), cluster[6].Replica.LastExecuted);
        Assert.Equal(View.Initial, cluster[1].Replica.View);

        // From here on 4 and 5 only say that they suspect view 0, and then nothing. Everything else is delivered.
        cluster.Cut.Clear();
        foreach (var to in new[] { 0, 1, 2, 3, 6 })
        {
            foreach (var from in new[] { 4, 5 }) cluster.Send(from, to, new Suspect(View.Initial, new(from)));
            cluster.Send(1, to, new Suspect(View.Initial, new(1)));
        }

        cluster.Loses = static (from, to, input) => from is 4 or 5 && input.Kind != InputKind.Suspect;
        cluster.Settle();
        cluster.Loses = static (from, to, input) => from is 4 or 5 || to is 4 or 5;
        Assert.All(new[] { 0, 1, 2, 3, 6 }, i => Assert.Equal(new View(1), cluster[i].Replica.View));

        int[] correct = [0, 1, 2, 3, 6];
        var works = cluster.Pass(
            TimeSpan.FromMinutes(5),
            () => correct.All(i => cluster[i].Replica.IsActive && cluster[i].Replica.LastExecuted >= new SequenceNumber(20)),
            step: TimeSpan.FromMilliseconds(250));
        Assert.True(works, cluster.ToString());
    }

    /// <summary>VC-2, VC-4: a correct primary's proposal that its own replica no longer accepts, as it left the view, is missing in its Q.</summary>
    [Fact]
    public void The_correct_replicas_can_decide_where_the_leader_proposed_after_its_replica_left()
    {
        ReplicaUnderTest[] r = [new(0), new(1), new(2)];
        var leader = new Leader(new(0), r[0].Options);
        var outbox = new Outbox();
        leader.Step(r[0].Now, LeaderInput.Of(r[0].Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate), outbox);
        r[0].Step(Make.Open());
        var ordered = Assert.Single(r[0].Effects, static e => e.Kind == EffectKind.Order).Request!;

        ViewChangeTests.Leave(r[0], 2, 3); // the leader has not heard of it yet: two grains, two mailboxes
        var said = r[0].Broadcast<ViewChange>().Last();
        leader.Step(r[0].Now, LeaderInput.Of(ordered), outbox);
        var proposal = outbox.Effects.ToArray().Where(static e => e is { Kind: EffectKind.Broadcast, IsVote: false }).Select(static e => e.Message).OfType<PrePrepare>().Single();

        r[0].Step(proposal); // of a view it left
        r[1].Step(proposal);
        r[1].Step(Make.Prepare(proposal, 3));
        Assert.NotEmpty(r[1].Events(ProtocolEventKind.Prepared));
        ViewChangeTests.Leave(r[1], 0, 2);
        ViewChangeTests.Leave(r[2], 0, 3); // before the proposal came
        Assert.Null(ViewChangeDecision.Decide(r[0].Options.Cluster, 8, [said, r[1].Broadcast<ViewChange>().Last(), r[2].Broadcast<ViewChange>().Last()]));

        ViewChangeTests.Leave(r[0], 2, 3);
        ViewChangeTests.Leave(r[1], 0, 2);
        ViewChangeTests.Leave(r[2], 0, 3);
        var decided = ViewChangeDecision.Decide(r[0].Options.Cluster, 8, [.. r.Select(static one => one.Broadcast<ViewChange>().Last())]);
        Assert.Equal(proposal.Digest, decided?.ChoiceAt(new(1)));
        var again = new ReplicaUnderTest(0, journal: [.. r[0].Journal.Append(new(JournalRecordKind.PrePrepared, View.Initial, new(1), proposal.Digest, proposal))]);
        ViewChangeTests.Leave(again, 2, 3);
        Assert.Equal(proposal.Digest, Assert.Single(again.Broadcast<ViewChange>().Last().PrePrepared).Digest);
    }

    /// <summary>VC-4, VC-7: the whole cluster goes on after such a late proposal.</summary>
    [Fact]
    public void The_cluster_goes_on_where_the_leader_proposed_after_its_replica_left()
    {
        var cluster = new ClusterUnderTest();
        cluster.Cut.Add(3);
        cluster.Loses = static (_, _, _) => true;
        var proposal = Make.PrePrepare(1, Make.Open());
        for (var i = 0; i < 3; i++)
        {
            if (i == 1)
            {
                cluster[1].Step(proposal); // of 0's leader, made after 0 left
                cluster[1].Step(Make.Prepare(proposal, 3));
            }

            foreach (var from in new[] { 0, 1, 2, 3 }.Where(from => from != i)) cluster.Send(from, i, new Suspect(View.Initial, new(from)));
            if (i == 0) cluster[0].Step(proposal);
        }

        cluster.Loses = static (_, _, input) => input.Kind != InputKind.Suspect;
        cluster.Settle();
        cluster.Loses = static (_, _, _) => false; // all is healed; 3 is silent
        cluster.Submit(Make.Open(client: 2));
        int[] correct = [0, 1, 2];
        Assert.True(cluster.Pass(TimeSpan.FromMinutes(10), () => correct.All(i => cluster[i].Replica.LastExecuted > SequenceNumber.Zero), step: TimeSpan.FromMilliseconds(250)),
            cluster.ToString());
    }

    /// <summary>VC-1, VC-9: a replica left v by its own and a liar's SUSPECT, and what it relayed was lost. The liar works on in v, with the others.</summary>
    [Fact]
    public void A_replica_that_left_takes_the_others_with_it_though_its_relays_were_lost()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Loses = static (from, _, _) => from == 1;
        foreach (var effect in cluster[1].Step(Make.Request(1))) Assert.NotEqual(EffectKind.Broadcast, effect.Kind); // only it knows of it, and it can not pass it on
        cluster.Send(3, 1, new Suspect(View.Initial, new(3)));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(5), () => cluster[1].Replica.View == new View(1)));
        cluster.Loses = static (_, _, _) => false; // healed

        var number = 1;
        for (var i = 0; i < 100; i++)
        {
            cluster.Submit(Make.Request(++number));
            cluster.Pass(TimeSpan.FromSeconds(1), step: TimeSpan.FromMilliseconds(250));
        }

        Assert.True(cluster[1].Replica.IsActive, cluster.ToString());
    }
}
