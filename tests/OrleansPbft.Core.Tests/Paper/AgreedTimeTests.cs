namespace OrleansPbft.Core.Tests;

/// <summary>Agreed time where clocks are wrong (N-2, S-1).</summary>
public sealed class AgreedTimeTests
{
    /// <summary>N-2: when all clocks were an hour ahead and are set right, the cluster does not stand still for an hour; nor can a primary hurry agreed time.</summary>
    [Fact]
    public void Agreed_time_ahead_of_all_clocks_goes_on_in_the_smallest_steps()
    {
        var backup = new ReplicaUnderTest();
        var ahead = Make.Noon.Plus(TimeSpan.FromHours(1));
        var executed = Make.PrePrepare(1, Make.Batch(ahead, Make.Open()));
        backup.Step(executed);
        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(executed, sender));
        Assert.Equal(new(1), backup.Replica.LastExecuted);

        backup.Step(Make.PrePrepare(2, Make.Batch(new(ahead.Microseconds + 1), Make.Open())));
        Assert.Single(backup.Votes);
        backup.Step(Make.PrePrepare(4, Make.Batch(new(ahead.Microseconds + 3), Make.Open()))); // 3 is under way
        Assert.Single(backup.Votes);
        backup.Step(Make.PrePrepare(3, Make.Batch(new(ahead.Microseconds + 3), Make.Open()))); // a step too many
        Assert.Equal([IgnoreReason.TimestampOutOfBounds], backup.Ignored);
        backup.Step(Make.PrePrepare(5, Make.Batch(Make.Noon, Make.Open())));
        Assert.Equal([IgnoreReason.TimestampOutOfBounds], backup.Ignored); // back to the clock would be back in time
    }
}
