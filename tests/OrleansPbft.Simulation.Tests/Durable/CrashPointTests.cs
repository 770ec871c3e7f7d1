using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Tests.Durable;

/// <summary>
/// Rules D-1 to D-3 on a whole cluster, at every write boundary: before and after each write, flush, name made, changed or removed, and flush of names of a
/// replica's disk, with each fate of what was not flushed. Nobody votes twice differently, and nothing that was acknowledged is lost.
/// </summary>
public sealed class CrashPointTests(ITestOutputHelper output)
{
    private static readonly CrashOutcome[] Outcomes = Enum.GetValues<CrashOutcome>();

    /// <summary>All fates at all points take some minutes; by default each point is had with one replica and one fate, and others from point to point.</summary>
    private static bool WantsAll => Environment.GetEnvironmentVariable("PBFT_CRASH_POINTS") == "all";

    [Fact]
    public void The_scenario_goes_through_all_that_a_journal_does()
    {
        var report = SimulationRun.Execute(CrashScenario.Plan);

        Assert.True(report[Mark.CheckpointsStable] >= 12, $"{report}");
        Assert.True(report[Mark.RunsWithViewChange] == 1, $"{report}");
        Assert.Equal(0, report[Mark.Restarts]);
        Assert.Equal(4, report[Mark.FinalStatesCompared]);
        Assert.Equal(report, SimulationRun.Execute(CrashScenario.Plan));
    }

    [Fact]
    public void One_replica_crashes_at_every_operation_of_its_disk() => CrashEverywhere(static _ => ReplicaSet.Empty);

    /// <summary>Whatever the others had under way at that very moment is lost with it.</summary>
    [Fact]
    public void All_replicas_crash_at_every_operation_of_one_disk_and_nothing_acknowledged_is_lost() => CrashEverywhere(static _ => ReplicaSet.FirstN(4));

    /// <summary>The one and its neighbour: one more than f, so nothing can go on until one of them is back.</summary>
    [Fact]
    public void Two_replicas_crash_at_every_operation_of_one_disk() => CrashEverywhere(static replica => ReplicaSet.Empty.With(new((replica + 1) % 4)));

    /// <summary>It crashes again while it starts, at each operation that this takes, and right behind.</summary>
    [Fact]
    public void A_replica_crashes_again_at_every_operation_of_its_new_start()
    {
        var total = new SimulationReport();
        var gate = new Lock();
        Parallel.For(0, 4, replica =>
        {
            for (var operation = 10 + (7L * replica); operation < 110; operation += 20)
            {
                for (var again = 0L; again < 12; again++)
                {
                    var (isAfter, outcome) = ((operation + again) % 2 == 0, Outcomes[(replica + again) % Outcomes.Length]);
                    var report = SimulationRun.Execute(CrashScenario.WithCrash(replica, ReplicaSet.FirstN(4), operation, isAfter, outcome, again: again));
                    lock (gate) total.Add(report);
                }
            }
        });

        output.WriteLine($"{total[Mark.PowerLost]} crashes, {total[Mark.PowerLostAgain]} more while starting again");
        Assert.Equal(total[Mark.PowerLost], total[Mark.PowerLostAgain]);
        Assert.True(total[Mark.PowerLost] >= 200, $"{total}");
    }

    private void CrashEverywhere(Func<int, ReplicaSet> with)
    {
        var watch = Stopwatch.StartNew();
        var total = new SimulationReport();
        var gate = new Lock();
        var lengths = new long[4];
        Parallel.For(0, 4, replica =>
        {
            for (var reached = true; reached; lengths[replica]++)
            {
                reached = false;
                foreach (var (isAfter, outcome) in Points(replica, lengths[replica]))
                {
                    var report = SimulationRun.Execute(CrashScenario.WithCrash(replica, with(replica), lengths[replica], isAfter, outcome));
                    reached |= report[Mark.PowerLost] > 0;
                    lock (gate) total.Add(report);
                }
            }
        });

        output.WriteLine($"operations: {string.Join(", ", lengths)}; {total[Mark.PowerLost]} crashes in {watch.Elapsed.TotalSeconds:F1} s");
        output.WriteLine($"{total}");
        Assert.All(lengths, static length => Assert.InRange(length, 100, 1000));
        Assert.True(total[Mark.TornTailsCut] > 0, "no journal was torn");
        Assert.True(total[Mark.SnapshotsRecovered] > 0, "nobody started from a snapshot");
        Assert.True(total[Mark.VotesAccountedForAfterRestart] > 0, "nobody had to account for what it said in a life before");
    }

    private static IEnumerable<(bool IsAfter, CrashOutcome Outcome)> Points(int replica, long operation)
    {
        if (WantsAll) return from isAfter in new[] { false, true } from outcome in Outcomes select (isAfter, outcome);
        return [((operation + replica) % 2 == 0, Outcomes[(operation + replica) / 2 % Outcomes.Length])];
    }
}
