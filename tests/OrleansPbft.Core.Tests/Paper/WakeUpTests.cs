namespace OrleansPbft.Core.Tests;

/// <summary>A replica that asks to be woken at a time that has passed is woken for ever and does nothing else.</summary>
public sealed class WakeUpTests
{
    [Fact]
    public void A_replica_that_may_suspect_nobody_is_not_woken_to_suspect()
    {
        var replica = new ReplicaUnderTest().WithSession();
        replica.Step(Make.Request(9)); // waits, while others are ordered
        replica.Now = replica.Now.Plus(TimeSpan.FromMilliseconds(1));
        for (var n = 2; n <= 3; n++) replica.Execute(Make.PrePrepare(n, Make.Request(n)));
        replica.Service.Corrupt();
        replica.Execute(Make.PrePrepare(4, Make.Request(4)));
        foreach (var peer in new[] { 0, 2, 3 }) replica.Step(Input.Of(new Checkpoint(new(4), Make.Digest("right"), new(peer))));
        Assert.Equal(ReplicaCondition.Diverged, replica.Replica.Snapshot().Condition);

        for (var i = 0; i < 20; i++)
        {
            replica.Tick(replica.Options.OrderingDelayMax);
            Assert.All(replica.Effects.Where(static effect => effect.Kind == EffectKind.WakeAt), effect => Assert.True(effect.At > replica.Now));
        }
    }
}
