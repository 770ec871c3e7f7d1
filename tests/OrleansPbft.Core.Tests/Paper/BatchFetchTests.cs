using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.NewViewTests;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>Batches that were chosen and are not at hand: rules VC-4 (A3), VC-6, N-8.</summary>
public sealed class BatchFetchTests
{
    /// <summary>VC-6: a batch that is not at hand is fetched from all who name it, and from nobody else; wrong ones are ignored.</summary>
    [Fact]
    public void A_chosen_batch_that_is_lacking_is_fetched_from_those_who_name_it()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        backup.Step(Choosing(backup, Known.Digest));
        Assert.Equal([1, 2], backup.Effects.Where(static e => e is { Kind: EffectKind.Send, IsVote: false, Message: FetchBatch }).Select(static e => e.To.Index));
        Assert.Equal(new FetchBatch(new(1), Known.Digest, new(3)), Assert.Single(backup.Sent<FetchBatch>(2)));
        Assert.Empty(backup.Votes);

        backup.Step(new FetchedBatch(new(1), Make.Batch(Make.Noon, Make.Open(2)), new(1)));
        backup.Step(new FetchedBatch(new(2), Known.Batch, new(1)));
        backup.Step(new FetchedBatch(new(1000), Known.Batch, new(1)));
        Assert.Equal([IgnoreReason.NotWanted], backup.Ignored);
        Assert.Empty(backup.Votes);

        backup.Tick(backup.Options.StatusInterval); // lost: asked again
        Assert.Single(backup.Sent<FetchBatch>(1));
        backup.Step(new FetchedBatch(new(1), Known.Batch, new(2)));

        Assert.Equal([Known.Digest], backup.Votes.Select(static v => v.Digest));
        backup.Step(new FetchedBatch(new(1), Known.Batch, new(1)));
        Assert.Equal([IgnoreReason.NotWanted], backup.Ignored);
        Assert.Empty(backup.Votes);
    }

    /// <summary>VC-4 (A3): a primary that lacks a batch fetches it before it begins the view.</summary>
    [Fact]
    public void A_primary_fetches_what_it_lacks_before_it_begins()
    {
        var primary = new ReplicaUnderTest(self: 1);
        Leave(primary);
        primary.StepAll(Naming(2, Known, prepared: true), Naming(3, Known));
        Assert.False(primary.Replica.IsActive);
        Assert.Equal([Known.Digest], primary.Sent<FetchBatch>(2).Select(static f => f.Digest));
        Assert.Single(primary.Sent<FetchBatch>(3));
        Assert.Empty(primary.Sent<FetchBatch>(0));

        primary.Step(new FetchedBatch(new(1), Known.Batch, new(3)));

        Assert.True(primary.Replica.IsActive);
        Assert.Equal([Known.Digest], Assert.Single(primary.Broadcast<NewView>()).Decision.Choices);
    }

    /// <summary>VC-6, N-8: a batch that Q names is served, to each peer so often and no more; one that is not at hand is not.</summary>
    [Fact]
    public void Batches_are_served_to_those_who_ask_within_bounds()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);
        Leave(backup, 0, 2);

        backup.Step(new FetchBatch(new(1), Known.Digest, new(1)));
        Assert.Same(Known.Batch, Assert.Single(backup.Sent<FetchedBatch>(1)).Batch);
        backup.Step(new FetchBatch(new(1), D("other"), new(1)));
        Assert.Equal([IgnoreReason.NotWanted], backup.Ignored);
        backup.Step(new FetchBatch(new(1000), Known.Digest, new(1)));
        Assert.Equal([IgnoreReason.NotWanted], backup.Ignored);

        var served = 1;
        while (backup.Step(new FetchBatch(new(1), Known.Digest, new(1))).Any(static e => e.Kind == EffectKind.Send)) served++;
        Assert.Equal([IgnoreReason.TooSoon], backup.Ignored);
        Assert.InRange(served, 8, 64);
        backup.Step(new FetchBatch(new(1), Known.Digest, new(2)));
        Assert.Single(backup.Sent<FetchedBatch>(2));
        backup.Now = backup.Now.Plus(backup.Options.StatusInterval);
        backup.Step(new FetchBatch(new(1), Known.Digest, new(1)));
        Assert.Single(backup.Sent<FetchedBatch>(1));
    }
}
