using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class ProgressLineTests
{
    [Fact]
    public void A_phase_that_takes_a_time_says_how_much_of_it_is_over()
    {
        var line = new ProgressLine("warming up", TimeSpan.FromSeconds(2), null);

        Assert.Equal("warming up 0.5 of 2.0 s, 1,000 operations, 2,000 op/s now, 0 errors", line.At(TimeSpan.FromSeconds(0.5), 1_000, 0));
    }

    [Fact]
    public void A_phase_of_so_many_operations_says_how_many_are_done()
    {
        var line = new ProgressLine("measuring", null, 1_000_000);

        Assert.Equal("measuring 2.0 s, 30,000 of 1,000,000 operations, 15,000 op/s now, 7 errors", line.At(TimeSpan.FromSeconds(2), 30_000, 7));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_second()
    {
        var line = new ProgressLine("measuring", TimeSpan.FromSeconds(10), null);
        var done = 0L;
        for (var quarter = 1; quarter <= 8; quarter++) line.At(TimeSpan.FromSeconds(quarter / 4.0), done += 100, 0);

        // Three quarters of a second without an answer, after one at 400 operations a second.
        line.At(TimeSpan.FromSeconds(2.25), done, 0);
        line.At(TimeSpan.FromSeconds(2.5), done, 0);
        Assert.Contains(", 100 op/s now,", line.At(TimeSpan.FromSeconds(2.75), done, 0), StringComparison.Ordinal);
        Assert.Contains(", 0 op/s now,", line.At(TimeSpan.FromSeconds(3), done, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void No_time_is_no_rate() =>
        Assert.Contains(", 0 op/s now,", new ProgressLine("measuring", TimeSpan.FromSeconds(1), null).At(TimeSpan.Zero, 5, 0), StringComparison.Ordinal);
}
