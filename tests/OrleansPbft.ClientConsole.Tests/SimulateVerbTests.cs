using OrleansPbft.ClientConsole.Tests.Support;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>Simulations from the command line: what they print, how they end, and that a failure can be run again as printed.</summary>
public sealed class SimulateVerbTests
{
    [Fact]
    public async Task A_sweep_ends_with_its_counts()
    {
        var run = await ConsoleRun.OfAsync("simulate", "--seeds", "1..6", "--byzantine", "0", "--ops", "20");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Contains("6 runs in ", run.Output, StringComparison.Ordinal);
        Assert.Contains(" s, 0 failed: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("never came across: ", run.Output, StringComparison.Ordinal);
        Assert.Contains(" marks missing", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_liars_of_four_are_found_out_and_the_line_that_is_printed_fails_again()
    {
        var sweep = await ConsoleRun.OfAsync("simulate", "--seeds", "1..12", "--replicas", "4", "--byzantine", "2", "--shrink", "10", "--json");

        Assert.Equal(ExitCode.Failure, sweep.ExitCode);
        Assert.InRange(sweep.Json.GetProperty("failed").GetInt32(), 1, 12);
        var replay = sweep.Json.GetProperty("smallest").GetString()!;
        Assert.StartsWith("dotnet run --project client -- simulate --plan seed=", replay, StringComparison.Ordinal);

        var again = await ConsoleRun.OfAsync("simulate", "--plan", replay.Split(' ')[^1]);

        Assert.Equal(ExitCode.Failure, again.ExitCode);
        Assert.Contains(replay, again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seeds_give_the_same_answer_whatever_the_jobs()
    {
        var one = await ConsoleRun.OfAsync("simulate", "--seeds", "1..8", "--byzantine", "0", "--jobs", "1", "--json");
        var three = await ConsoleRun.OfAsync("simulate", "--seeds", "1..8", "--byzantine", "0", "--jobs", "3", "--json");

        Assert.Equal(one.Json.GetProperty("marks").GetRawText(), three.Json.GetProperty("marks").GetRawText());
    }

    [Fact]
    public async Task A_trace_shows_the_lines_that_hold_what_is_asked_for()
    {
        var run = await ConsoleRun.OfAsync("simulate", "--seed", "3", "--replicas", "4", "--byzantine", "0", "--ops", "5", "--filter", "n1", "--filter", "PRE-PREPARE|committed");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.Split('\n').Where(static line => line.StartsWith("t=", StringComparison.Ordinal)).ToList();
        Assert.Contains(lines, static line => line.Contains("PRE-PREPARE v0 n1", StringComparison.Ordinal));
        Assert.All(lines, static line => Assert.True(
            line.Contains("n1", StringComparison.Ordinal) &&
            (line.Contains("PRE-PREPARE", StringComparison.Ordinal) || line.Contains("committed", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("'5..1' is no range", "--seeds", "5..1")]
    [InlineData("'x' is no range", "--seeds", "x")]
    [InlineData("one of --seed, --seeds and --plan", "--seed", "1", "--seeds", "1..2")]
    [InlineData("A trace is of one run", "--seeds", "1..2", "--trace")]
    [InlineData("A plan says all", "--plan", "seed=1", "--ops", "3")]
    [InlineData("'colour=2' is no part of a plan", "--plan", "seed=1,colour=2")]
    [InlineData("tolerates nothing", "--seed", "1", "--replicas", "3")]
    [InlineData("--jobs must be", "--seeds", "1..2", "--jobs", "0")]
    [InlineData("--minutes must be", "--seed", "1", "--minutes", "0")]
    public async Task What_can_not_be_meant_is_refused(string reason, params string[] arguments)
    {
        var run = await ConsoleRun.OfAsync(["simulate", .. arguments]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }
}
