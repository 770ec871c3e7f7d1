using System.Globalization;

namespace OrleansPbft.Simulation.Tests;

/// <summary>Agreement, validity, at-most-once, linearizability and bounded memory, whatever the network does and up to f replicas say;
/// and liveness once the network is well (PBFT 3). One failing seed fails the sweep, and says how to replay it.</summary>
public sealed class SweepTests(ITestOutputHelper output)
{
    private const int SeedsByDefault = 200;

    [Fact]
    public void Many_seeds_keep_every_property_and_the_sweep_is_not_vacuous()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("PBFT_SIM_SEEDS") ?? $"{SeedsByDefault}", CultureInfo.InvariantCulture);
        var reports = new SimulationReport[seeds];

        Parallel.For(0, seeds, i => reports[i] = SimulationRun.Execute((ulong)i));

        var total = new SimulationReport();
        foreach (var report in reports) total.Add(report);
        output.WriteLine(total.ToString());

        if (seeds < SeedsByDefault) return; // few seeds need not come across everything
        Assert.Empty(total.Missing);
        Assert.All(reports, static report => Assert.True(report[Mark.ResultsAccepted] > 0));
    }

    /// <summary>D-5: whoever loses its disk says nothing that contradicts what it said, and takes part again; then f others may be faulty beside it.</summary>
    [Fact]
    public void Replicas_that_lose_their_disks_return_and_contradict_nothing()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("PBFT_SIM_SEEDS") ?? $"{SeedsByDefault}", CultureInfo.InvariantCulture) / 4;
        var reports = new SimulationReport[seeds];

        Parallel.For(0, seeds, i => reports[i] = SimulationRun.Execute(SimulationPlan.Draw((ulong)i, new() { LosesDisk = true })));

        var total = new SimulationReport();
        foreach (var report in reports) total.Add(report);
        output.WriteLine(total.ToString());
        Assert.Equal(total[Mark.DisksLost] > 0, total[Mark.LearnersReturned] > 0);
        Assert.True(seeds < SeedsByDefault / 4 || (total[Mark.DisksLost] >= seeds / 4 && total[Mark.FaultyAfterReturn] > 0), $"{total[Mark.DisksLost]} of {seeds}");
    }

    /// <summary>The same seed is the same run, event for event: what a failure prints can be replayed.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void The_same_seed_is_the_same_run(ulong seed)
    {
        var first = SimulationRun.Execute(seed);
        var second = SimulationRun.Execute(seed);

        Assert.Equal(first, second);
        Assert.NotEqual(first.TraceHash, SimulationRun.Execute(seed + 1000).TraceHash);
    }

    /// <summary>Real signatures differ from run to run, and nothing that happens depends on them.</summary>
    [Fact]
    public void The_same_seed_is_the_same_run_with_real_signatures_too()
    {
        var seed = Enumerable.Range(0, 1000).Select(static i => (ulong)i).First(static i => SimulationPlan.Draw(i).IsSigned);

        Assert.Equal(SimulationRun.Execute(seed), SimulationRun.Execute(seed));
    }

    /// <summary>Whatever goes wrong, the message says which seed it was and how to see it again.</summary>
    [Fact]
    public void A_failure_says_how_to_replay_it()
    {
        var failure = SimulationRun.Failure(SimulationPlan.Draw(7), new InvalidOperationException("n5 before n4"));

        Assert.Contains("n5 before n4", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Replay: dotnet run --project client -- simulate --plan seed=7\n", failure.Message + "\n", StringComparison.Ordinal);
        Assert.Contains(SimulationPlan.Draw(7).ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay()
    {
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("PBFT_SEED") ?? "1", CultureInfo.InvariantCulture);
        output.WriteLine(SimulationPlan.Draw(seed).ToString());

        var report = SimulationRun.Execute(seed);

        output.WriteLine(report.ToString());
        Assert.True(report[Mark.BatchesExecuted] > 0);
    }
}
