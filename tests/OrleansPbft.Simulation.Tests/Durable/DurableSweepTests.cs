using System.Globalization;

namespace OrleansPbft.Simulation.Tests.Durable;

/// <summary>Every property again, with each replica on the journal that a silo keeps, on a disk that crashes in the middle of what it does.</summary>
public sealed class DurableSweepTests(ITestOutputHelper output)
{
    private const int SeedsByDefault = 60;

    private static readonly PlanChanges Durable = new() { IsDurable = true };

    /// <summary>Each seed is run twice: the same deliveries, and the same bytes on every disk.</summary>
    [Fact]
    public void Many_seeds_with_journals_keep_every_property_and_repeat_themselves()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("PBFT_SIM_DURABLE_SEEDS") ?? $"{SeedsByDefault}", CultureInfo.InvariantCulture);
        var reports = new SimulationReport[seeds];

        Parallel.For(0, seeds, i =>
        {
            reports[i] = SimulationRun.Execute(SimulationPlan.Draw((ulong)i, Durable));
            if (seeds <= SeedsByDefault) Assert.Equal(reports[i], SimulationRun.Execute(SimulationPlan.Draw((ulong)i, Durable)));
        });

        var total = new SimulationReport();
        foreach (var report in reports) total.Add(report);
        output.WriteLine(total.ToString());
        Assert.Equal(seeds, total[Mark.DurableRuns]);
        if (seeds < SeedsByDefault) return; // few seeds need not come across everything
        Assert.DoesNotContain(total.Missing, static mark => mark >= Mark.DurableRuns);
        Assert.All(reports, static report => Assert.True(report[Mark.ResultsAccepted] > 0));
    }

    [Fact]
    public void Journals_change_nothing_else_of_what_a_seed_draws()
    {
        for (var seed = 0UL; seed < 50; seed++)
        {
            var plain = SimulationPlan.Draw(seed);
            var durable = SimulationPlan.Draw(seed, Durable);

            Assert.Null(plain.Disks);
            Assert.NotNull(durable.Disks);
            Assert.Equal($"{plain.Options}", $"{durable.Options}");
            Assert.Equal(plain.Happenings, durable.Happenings.Where(static one => one.Happening is not PowerLost));
            Assert.Contains(durable.Happenings, static one => one.Happening is PowerLost);
            Assert.InRange(durable.Faults.Count, plain.Faults.Count, Math.Max(plain.Faults.Count, plain.Options.Cluster.MaxFaulty));
            Assert.Equal(durable.ToString(), SimulationPlan.Parse(durable.Argument).ToString());
        }
    }
}
