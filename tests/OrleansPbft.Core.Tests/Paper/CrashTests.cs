using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.TransferTests;

namespace OrleansPbft.Core.Tests;

/// <summary>What a crash, a transfer and a repair must not lose or leave behind: rules D-1, D-3, K-3, VC-2, VC-5.</summary>
public sealed class CrashTests
{
    private const int Far = 20;

    /// <summary>D-3: what it voted for above a target that it was still fetching is forgotten by a crash.</summary>
    [Fact]
    public void No_vote_cast_during_a_transfer_is_contradicted_after_a_crash()
    {
        var behind = new ReplicaUnderTest(self: 3);
        behind.StepAll(new Checkpoint(new(Far), D("x"), new(0)), new Checkpoint(new(Far), D("x"), new(1)));
        var a = Make.PrePrepare(Far + 1, Make.Request(1));
        behind.Step(a);
        var first = Assert.Single(behind.Votes);
        List<Vote> before = [first];
        foreach (var i in new[] { 1, 2 })
        {
            behind.Step(Make.Prepare(a, i));
            before.AddRange(behind.Votes);
        }

        Assert.Equal([VotePhase.Prepare, VotePhase.Commit], before.Select(static v => v.Phase));

        var again = new ReplicaUnderTest(self: 3, journal: behind.Journal);
        again.StepAll(new Checkpoint(new(Far), D("x"), new(0)), new Checkpoint(new(Far), D("x"), new(1)));
        var b = Make.PrePrepare(Far + 1, Make.Request(2));
        List<Vote> after = [];
        again.Step(b);
        after.AddRange(again.Votes);
        foreach (var i in new[] { 1, 2 })
        {
            again.Step(Make.Prepare(b, i));
            after.AddRange(again.Votes);
        }

        Assert.DoesNotContain(after, v => v.Digest != a.Digest);
    }

    /// <summary>D-3, VC-2: and P of its VIEW-CHANGE no longer names what it sent COMMIT for.</summary>
    [Fact]
    public void P_names_after_a_crash_what_was_committed_during_a_transfer()
    {
        var behind = new ReplicaUnderTest(self: 3);
        behind.StepAll(new Checkpoint(new(Far), D("x"), new(0)), new Checkpoint(new(Far), D("x"), new(1)));
        var a = Make.PrePrepare(Far + 1, Make.Request(1));
        behind.Step(a);
        var committed = false;
        foreach (var i in new[] { 1, 2 })
        {
            behind.Step(Make.Prepare(a, i));
            committed |= behind.Votes.Any(static v => v.Phase == VotePhase.Commit);
        }

        Assert.True(committed);

        var again = new ReplicaUnderTest(self: 3, journal: behind.Journal);
        again.StepAll(new Checkpoint(new(Far), D("x"), new(0)), new Checkpoint(new(Far), D("x"), new(1)));
        ViewChangeTests.Leave(again, 0, 2);
        var said = again.Broadcast<ViewChange>().Last();
        Assert.Equal(a.Digest, said.PreparedAt(new(Far + 1))?.Digest);
    }

    /// <summary>D-3, VC-5: nor does it, after a crash during the transfer to the base, vote against a choice of the NEW-VIEW it voted for.</summary>
    [Fact]
    public void No_choice_of_a_new_view_is_contradicted_after_a_crash_while_its_base_is_fetched()
    {
        HeldCheckpoint held = new(new(Far), D("x"));
        var behind = new ReplicaUnderTest(self: 3);
        behind.Step(ViewChangeTests.NewView(
            behind,
            1,
            Of(0, $"{Far + 1}:null@0", $"{Far + 1}:null@0", Far, view: 1, held: held),
            Of(1, "", $"{Far + 1}:null@0", Far, view: 1, held: held),
            Of(2, view: 1, stable: Far, held: held)));
        Assert.Equal(BatchEncoding.Null.Digest, Assert.Single(behind.Votes).Digest);

        var again = new ReplicaUnderTest(self: 3, journal: behind.Journal);
        Assert.Equal((new View(1), true), (again.Replica.View, again.Replica.IsActive));
        again.StepAll(new Checkpoint(new(Far), D("x"), new(0)), new Checkpoint(new(Far), D("x"), new(1)));
        again.Step(Make.PrePrepare(Far + 1, Make.Batch(Make.Noon.Plus(TimeSpan.FromMilliseconds(1)), Make.Request(1)), sender: 1, view: 1));
        Assert.Empty(again.Votes);
    }

    /// <summary>VC-2, found by simulation (seed 20, with journals): while a later state was fetched, of which too few had told, the window did not move to the base of a
    /// new view. Its last choices were voted for beyond the window, and no VIEW-CHANGE named them.</summary>
    [Fact]
    public void Q_names_the_choices_of_a_new_view_whose_base_is_before_what_is_fetched()
    {
        var behind = new ReplicaUnderTest(self: 6, replicas: 7);
        behind.StepAll(Enumerable.Range(0, 3).Select(static i => new Checkpoint(new(Far), D("x"), new(i))));
        HeldCheckpoint held = new(new(16), D("y"));
        behind.Step(ViewChangeTests.NewView(
            behind, 1, [.. Enumerable.Range(0, 5).Select(i => Of(i, "24:null@0", "24:null@0", 16, view: 1, held: held))]));
        Assert.Equal(24, behind.Votes.Max(static vote => vote.Sequence.Value));

        ViewChangeTests.Leave(behind, 0, 2, 3);

        var said = behind.Broadcast<ViewChange>().Last();
        Assert.Equal(16, said.StableCheckpoint.Value);
        Assert.Equal(BatchEncoding.Null.Digest, Assert.Single(said.PrePreparedAt(new(24)).ToArray()).Digest);
    }

    /// <summary>VC-9: a replica shows the NEW-VIEW whose base only it adopted, and does so after a restart too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_proof_of_an_uncertified_base_survives_a_restart(bool restarted)
    {
        var donors = Donors();
        HeldCheckpoint held = new(new(Far), donors[0].State.ComputeDigest());
        var replica = new ReplicaUnderTest(self: 3);
        replica.Step(ViewChangeTests.NewView(replica, 1, Of(0, stable: Far, held: held, view: 1), Of(1, stable: Far, held: held, view: 1), Of(2, view: 1)));
        Serve(replica, donors);
        Assert.Equal(new(Far), replica.Replica.LastExecuted);
        ViewChangeTests.Leave(replica, 0, 2);
        if (restarted) replica = new(self: 3, journal: [.. replica.Journal]);

        replica.Tick(TimeSpan.FromSeconds(1));
        replica.Step(new Status(new(2), false, SequenceNumber.Zero, SequenceNumber.Zero, new(0)));

        Assert.Contains(replica.Effects, static e => e.Kind == EffectKind.Relay && e.To.Index == 0 && e.AsInput().Kind == InputKind.NewView);
    }

    /// <summary>D-1: the journal ends between the NEW-VIEW and what was accepted of its choices.</summary>
    [Fact]
    public void Choices_are_voted_for_after_a_crash_that_cut_the_votes_off()
    {
        var replica = new ReplicaUnderTest(self: 3);
        var d = Make.PrePrepare(1, Make.Open());
        replica.Step(d);
        ViewChangeTests.Leave(replica, 0, 2);
        LogEntry entry = new(new(1), d.Digest, View.Initial);
        var said = new[] { 0, 1, 2 }.Select(i => new ViewChange(new(1), new(0), [Held(0)], [entry], [entry], new(i), Make.Bytes($"vc {i}")));
        replica.Step(Claims.NewView(replica.Options.Cluster, 8, [.. said]));
        Assert.Single(replica.Votes);
        var entered = replica.Journal.FindIndex(static r => r.Kind == JournalRecordKind.ViewEntered);

        var again = new ReplicaUnderTest(self: 3, journal: replica.Journal.Take(entered + 1));
        List<Vote> votes = [.. again.Votes];
        for (var i = 0; i < 100; i++)
        {
            again.Tick(TimeSpan.FromSeconds(1));
            votes.AddRange(again.Effects.Where(static e => e.IsVote).Select(static e => e.Vote));
        }

        Assert.NotEmpty(votes);
    }

    /// <summary>K-3: what it says of its checkpoints after its repair is not what its rotten state digested to.</summary>
    [Fact]
    public void A_repaired_replica_claims_no_checkpoint_of_its_rotten_state()
    {
        var donors = Donors(last: 4);
        var rotten = new ReplicaUnderTest(self: 3).WithSession();
        rotten.Execute(Big(2));
        rotten.Service.Corrupt();
        for (var n = 3; n <= 8; n++) rotten.Execute(Big(n));
        var wrong = rotten.State.ComputeDigest();
        rotten.StepAll(donors.Select(static (donor, i) => new Checkpoint(new(4), donor.State.ComputeDigest(), new(i))));
        Assert.Equal(ReplicaCondition.Diverged, rotten.Replica.Snapshot().Condition);
        List<(int, FetchChunks)> fetches = [.. Fetches(rotten)];
        ViewChangeTests.Leave(rotten, 0, 2);
        Serve(rotten, donors, fetches);
        Assert.NotEqual(ReplicaCondition.Diverged, rotten.Replica.Snapshot().Condition);
        Assert.NotEqual(wrong, rotten.State.ComputeDigest());

        rotten.Tick(TimeSpan.FromSeconds(1));
        rotten.Tick(TimeSpan.FromSeconds(1));
        var said = rotten.Broadcast<ViewChange>().Last();
        Assert.DoesNotContain(said.Checkpoints, c => c.Digest == wrong);
    }

    /// <summary>K-1, K-3: the checkpoint that a repaired replica takes again counts.</summary>
    [Fact]
    public void The_checkpoint_of_a_repaired_replica_counts()
    {
        var replica = new ReplicaUnderTest(self: 0).WithSession();
        for (var n = 2; n <= 4; n++) replica.Execute(Big(n));
        replica.Step(new Checkpoint(new(4), D("rotten"), new(3))); // 3 repairs itself afterwards; 2 has crashed
        replica.Step(new Checkpoint(new(4), replica.State.ComputeDigest(), new(1)));
        replica.Step(new Checkpoint(new(4), replica.State.ComputeDigest(), new(3)));
        Assert.Equal(new(4), replica.Replica.StableCheckpoint);
    }
}
