using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-4: one journal, one owner; an opening that is over can not append, and so can not speak.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public void A_second_owner_is_refused_and_told_who_the_first_is()
    {
        var storage = new SimulatedStorage();
        using var first = JournalDirectory.Acquire(storage, Make.Cluster, new(0), Disk.Options() with { Owner = "process 17 on alpha" });

        var refusal = Assert.Throws<JournalInUseException>(() => JournalDirectory.Acquire(storage, Make.Cluster, new(0), Disk.Options()));

        Assert.Equal("process 17 on alpha", refusal.Holder);
        Assert.Contains("process 17 on alpha", refusal.Message, StringComparison.Ordinal);
        first.Dispose();
        JournalDirectory.Acquire(storage, Make.Cluster, new(0), Disk.Options()).Dispose();
    }

    /// <summary>A second activation of the same replica in one process (LESSONS B46).</summary>
    [Fact]
    public void An_earlier_opening_can_not_append_any_more()
    {
        var storage = new SimulatedStorage();
        using var directory = JournalDirectory.Acquire(storage, Make.Cluster, new(0), Disk.Options());
        var first = directory.Open().Journal;
        first.Save(Make.Prepared(1));
        first.Append(Make.Prepared(2)); // of a vote that never leaves

        var second = directory.Open();

        Assert.Equal((1, 2), (first.Epoch, second.Journal.Epoch));
        Assert.Equal([Make.Describe(Make.Prepared(1))], second.Records.Described());
        Assert.Contains("epoch 1 is over, and 2 has begun", Assert.Throws<JournalFencedException>(() => first.Append(Make.Prepared(3))).Message, StringComparison.Ordinal);
        Assert.Throws<JournalFencedException>(first.Flush);
        Assert.Equal(JournalState.Fenced, first.State);
        second.Journal.Save(Make.Prepared(4));
        Assert.Equal(new[] { Make.Prepared(1), Make.Prepared(4) }.Described(), Disk.Reread(ref storage).Described());
    }

    /// <summary>Where no lock works, two processes may have it all the same: what the earlier one still writes is void.</summary>
    [Fact]
    public void What_an_earlier_opening_writes_after_a_later_one_began_is_never_read()
    {
        var storage = new SimulatedStorage();
        var first = Disk.Open(storage).Journal;
        first.Save(Make.Prepared(1));
        var other = storage.Copy();
        var second = Disk.Open(other).Journal; // on what the first had written
        second.Save(Make.Prepared(2));

        first.Save(Make.Prepared(3));
        other.Damage("0000000001.segment", _ => storage.Contents("0000000001.segment")); // the same disk, in truth

        Assert.Equal(new[] { Make.Prepared(1), Make.Prepared(2) }.Described(), Disk.Reread(ref other).Described());
    }

    [Fact]
    public void The_epoch_goes_up_with_every_opening()
    {
        var storage = new SimulatedStorage();
        for (var epoch = 1; epoch <= 5; epoch++)
        {
            var journal = Disk.Open(storage).Journal;
            Assert.Equal(epoch, journal.Epoch);
            if (epoch % 2 == 0) journal.Save(Make.Prepared(epoch));
            storage = storage.AfterCrash(new((ulong)epoch));
        }

        Assert.Equal(2, Disk.Open(storage).Records.Count());
    }
}
