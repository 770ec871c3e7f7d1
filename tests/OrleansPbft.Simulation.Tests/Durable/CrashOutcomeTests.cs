using System.Text;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Tests.Durable;

/// <summary>A simulated disk keeps what file systems promise, and of the rest what it is told to keep.</summary>
public sealed class CrashOutcomeTests
{
    [Theory]
    [InlineData(CrashOutcome.Lost, "old", "durable")]
    [InlineData(CrashOutcome.Kept, "new", "durable and not")]
    [InlineData(CrashOutcome.NamesOnly, "new", "durable")]
    [InlineData(CrashOutcome.Killed, "new", "durable and not")]
    public void What_was_not_flushed_is_as_the_outcome_says(CrashOutcome outcome, string name, string contents)
    {
        var storage = Written();
        var found = storage.AfterCrash(new(1), outcome);

        Assert.Equal([name], found.List());
        Assert.Equal(contents, Encoding.UTF8.GetString(found.Contents(name)));
        Assert.Throws<SimulatedCrashException>(() => storage.List());
    }

    /// <summary>A process that was killed left what it wrote: a power failure can take it still.</summary>
    [Fact]
    public void What_a_killed_process_left_is_not_durable_yet()
    {
        var found = Written().AfterCrash(new(1), CrashOutcome.Killed).AfterCrash(new(1), CrashOutcome.Lost);

        Assert.Equal(["old"], found.List());
        Assert.Equal("durable", Encoding.UTF8.GetString(found.Contents("old")));
    }

    [Fact]
    public void Torn_is_anything_between()
    {
        var found = Enumerable.Range(0, 200).Select(static i => Written().AfterCrash(new((ulong)i))).Select(
            static storage => $"{storage.List()[0]} {Encoding.UTF8.GetString(storage.Contents(storage.List()[0]))}").ToHashSet();

        Assert.Contains("old durable", found);
        Assert.Contains("new durable and not", found);
        Assert.Contains("new durable", found);
        Assert.Contains(found, static one => one.StartsWith("old durable a", StringComparison.Ordinal) && one != "old durable and not");
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "a")]
    public void A_crash_comes_before_an_operation_or_after_it(bool isAfter, string contents)
    {
        var storage = new SimulatedStorage();
        var file = storage.Create("file");
        (storage.CrashAt, storage.CrashesAfter) = (storage.Operations, isAfter);

        Assert.Throws<SimulatedCrashException>(() => file.Write(0, "a"u8));
        Assert.Throws<SimulatedCrashException>(() => file.Write(1, "b"u8));
        Assert.Equal(contents, Encoding.UTF8.GetString(storage.AfterCrash(new(1), CrashOutcome.Kept).Contents("file")));
    }

    private static SimulatedStorage Written()
    {
        var storage = new SimulatedStorage();
        var file = storage.Create("old");
        file.Write(0, "durable"u8);
        file.Flush();
        storage.FlushDirectory();
        file.Write(7, " and not"u8);
        storage.Rename("old", "new");
        return storage;
    }
}
