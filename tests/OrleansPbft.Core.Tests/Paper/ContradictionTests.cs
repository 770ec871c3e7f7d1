namespace OrleansPbft.Core.Tests;

/// <summary>N-4, VC-8: what a backup keeps of a primary that proposes several batches at one (v, n).</summary>
public sealed class ContradictionTests
{
    /// <summary>N-4: of proposals that contradict the one voted for, the one that more replicas commit is kept; of equals the first.</summary>
    [Theory]
    [InlineData(1, 3)]
    [InlineData(0, 2)]
    public void The_contradicting_proposal_that_more_replicas_commit_is_executed(int early, int expected)
    {
        var backup = new ReplicaUnderTest();
        var proposals = Enumerable.Range(1, 3).Select(static client => Make.PrePrepare(1, Make.Open(client))).ToArray();
        backup.Step(proposals[0]);
        backup.Step(proposals[1]);
        for (var i = 0; i < early; i++) backup.Step(Make.Commit(proposals[2], sender: 2));
        backup.Step(proposals[2]);
        Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);

        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(proposals[expected - 1], sender));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Equal(Make.Client(expected), Assert.Single(backup.Replies).Request.Client);
    }
}
