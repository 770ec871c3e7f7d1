namespace OrleansPbft.Core.Tests;

/// <summary>A proposal with a request that convinces some replicas and not others, as a faulty primary can make in mode Macs (rules A-3, N-2, N-4; LESSONS B47).</summary>
public sealed class DoubtTests
{
    /// <summary>No vote for what did not convince; and evidence, for a primary verifies before it proposes.</summary>
    [Fact]
    public void A_doubtful_proposal_gets_no_vote_and_is_evidence()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Doubtful(Make.PrePrepare(1, Make.Open()));

        backup.Step(proposal);

        Assert.Empty(backup.Votes);
        Assert.Equal([IgnoreReason.DoubtfulRequest], backup.Ignored);
        var evidence = Assert.Single(backup.Accusations);
        Assert.Equal((EvidenceKind.UnverifiedRequest, new ReplicaId(0), proposal.Digest), (evidence.Kind, evidence.Accused, evidence.First));
        Assert.DoesNotContain(backup.Effects, static effect => effect.Kind == EffectKind.Persist);
    }

    /// <summary>q committed it, so f + 1 correct replicas were convinced: it executes here too, and the replica does not fall behind.</summary>
    [Fact]
    public void Q_commits_execute_what_this_replica_doubted()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Doubtful(Make.PrePrepare(1, Make.Open()));
        backup.Step(proposal);

        backup.Step(Make.Commit(proposal, sender: 0));
        backup.Step(Make.Commit(proposal, sender: 2));
        Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);
        backup.Step(Make.Commit(proposal, sender: 3));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Single(backup.Replies);
    }

    /// <summary>What f liars and the primary say is not enough.</summary>
    [Fact]
    public void What_it_doubts_prepares_nothing_here()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Doubtful(Make.PrePrepare(1, Make.Open()));
        backup.Step(proposal);

        foreach (var sender in new[] { 2, 3 }) backup.Step(Make.Prepare(proposal, sender));

        Assert.Empty(backup.Votes);
        Assert.Empty(backup.Replica.Snapshot() is { InFlight: > 0 } ? [] : new[] { "it is open, and not executed" });
    }

    /// <summary>In the next view the choice is what f + 1 named; whoever doubted it fetches it and takes it like anybody.</summary>
    [Fact]
    public void What_was_doubted_is_left_out_of_Q()
    {
        var backup = new ReplicaUnderTest();
        backup.Step(Doubtful(Make.PrePrepare(1, Make.Open())));

        backup.StepAll(new Suspect(new(0), new(2)), new Suspect(new(0), new(3)));

        var own = Assert.Single(backup.Broadcast<ViewChange>());
        Assert.Empty(own.PrePrepared);
        Assert.Empty(own.Prepared);
    }

    private static PrePrepare Doubtful(PrePrepare proposal) =>
        new(proposal.View, proposal.Sequence, proposal.Batch, proposal.Sender, proposal.Envelope) { IsDoubtful = true };
}
