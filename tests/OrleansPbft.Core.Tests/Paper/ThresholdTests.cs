using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>What adds up to a threshold, and that more than enough is enough as well (LESSONS B3, B10). A broken variant (eng/mutants) got through where these were not.</summary>
public sealed class ThresholdTests
{
    /// <summary>N-3: PREPAREs for another digest do not add up to those for the accepted one.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void Prepares_for_another_digest_do_not_prepare(int replicas)
    {
        var backup = new ReplicaUnderTest(1, replicas);
        var f = backup.Options.Cluster.MaxFaulty;
        var proposal = Make.PrePrepare(1, Make.Open());
        var other = Make.PrePrepare(1, Make.Open(client: 2));
        backup.Step(proposal);
        for (var i = 0; i < f; i++) backup.Step(Make.Prepare(other, 2 + i));
        for (var i = 0; i < (2 * f) - 2; i++) backup.Step(Make.Prepare(proposal, 2 + f + i)); // 2f - 1 with its own
        Assert.DoesNotContain(backup.Journal, static r => r.Kind == JournalRecordKind.Prepared);

        backup.Step(Make.Prepare(proposal, replicas - 1));

        Assert.Equal([VotePhase.Commit], backup.Votes.Select(static v => v.Phase));
    }

    /// <summary>N-3 (B10): where all PREPAREs were there before the proposal, its own makes one more than needed.</summary>
    [Fact]
    public void More_prepares_than_needed_prepare_too()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        foreach (var i in new[] { 2, 3 }) backup.Step(Make.Prepare(proposal, i));

        backup.Step(proposal);

        Assert.Equal([VotePhase.Prepare, VotePhase.Commit], backup.Votes.Select(static v => v.Phase));
    }

    /// <summary>VC-1 (B10): a view that more than f + 1 suspected before this replica came there is left at once.</summary>
    [Fact]
    public void More_suspects_than_f_plus_1_end_a_view_too()
    {
        var backup = new ReplicaUnderTest();
        backup.StepAll(new[] { 0, 2, 3 }.Select(static i => new Suspect(new(1), new(i))));
        Assert.Equal((View.Initial, true), (backup.Replica.View, backup.Replica.IsActive));

        backup.StepAll(Of(2, view: 1), Of(3, view: 1));

        Assert.Equal((new View(2), false), (backup.Replica.View, backup.Replica.IsActive));
    }

    /// <summary>VC-4 (B10): what q VIEW-CHANGEs leave open is decided when one more arrives.</summary>
    [Fact]
    public void More_than_q_view_changes_decide_what_q_left_open()
    {
        var primary = new ReplicaUnderTest();
        Leave(primary);
        primary.StepAll(Of(0, "1:A@0", "1:A@0", view: 1), Of(2, view: 1)); // made up, as one more shows
        Assert.False(primary.Replica.IsActive);

        primary.Step(Of(3, view: 1));

        Assert.Equal(4, Assert.Single(primary.Broadcast<NewView>()).ViewChanges.Length);
        Assert.True(primary.Replica.IsActive);
    }

    /// <summary>VC-4: only VIEW-CHANGEs for the view that begins are shown for it.</summary>
    [Fact]
    public void View_changes_for_another_view_are_not_part_of_the_proof()
    {
        var primary = new ReplicaUnderTest();
        primary.Step(Of(3, view: 5));
        Leave(primary);

        primary.StepAll(Of(0, view: 1), Of(2, view: 1));

        Assert.Equal([0, 1, 2], Assert.Single(primary.Broadcast<NewView>()).ViewChanges.Select(static v => v.Sender.Index));
    }

    /// <summary>N-5: a null batch takes its place in the order and changes nothing else, the agreed time included.</summary>
    [Fact]
    public void A_null_batch_leaves_the_agreed_time_as_it_was()
    {
        var backup = new ReplicaUnderTest().WithSession();
        var time = backup.State.LastTimestamp;

        backup.State.Execute(new(2), BatchEncoding.Null, View.Initial, new(1), new());

        Assert.Equal((new SequenceNumber(2), time), (backup.State.LastExecuted, backup.State.LastTimestamp));
    }

    /// <summary>N-5, ST-3: a batch that does not follow is our own mistake, and is not executed.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_that_does_not_follow_is_not_executed(long sequence)
    {
        var state = new ReplicaUnderTest().WithSession().State;

        Assert.Throws<InvalidOperationException>(() => state.Execute(new(sequence), BatchEncoding.Null, View.Initial, new(1), new()));

        Assert.Equal(new(1), state.LastExecuted);
    }
}
