using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Tests;

/// <summary>Plans are drawn, changed, written down and read again.</summary>
public sealed class PlanTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_plan_is_read_back_as_it_was_written()
    {
        var changes = new PlanChanges
        {
            Replicas = 7,
            Clients = 2,
            FaultyClients = 0,
            Requests = 3,
            DropPerMille = 0,
            HasSteadyLinks = true,
            Milliseconds = 700,
            Faults = "3:Silent+5:Wrong",
            Happenings = "none",
        };
        var plan = SimulationPlan.Draw(48, changes);

        Assert.Equal("seed=48,replicas=7,ms=700,clients=2,liars=0,requests=3,drop=0,steady=1,faults=3:Silent+5:Wrong,keep=none", plan.Argument);
        Assert.Equal(plan.ToString(), SimulationPlan.Parse(plan.Argument).ToString());
        Assert.Equal(changes, SimulationPlan.Parse(plan.Argument).Changes);
        Assert.Equal([FaultKind.Silent, FaultKind.Wrong], plan.Faults.Values);
        Assert.Equal("seed=48", SimulationPlan.Draw(48).Argument);
    }

    [Theory]
    [InlineData("clients=2", "begins with seed=")]
    [InlineData("seed=x", "begins with seed=")]
    [InlineData("seed=1,colour=2", "'colour=2' is no part of a plan")]
    [InlineData("seed=1,clients=0", "'0' is no number of 1 to 64")]
    [InlineData("seed=1,replicas=3", "A cluster of 3 tolerates nothing")]
    [InlineData("seed=1,replicas=4,faults=9:Silent", "'9:Silent' is no fault")]
    [InlineData("seed=1,replicas=4,faults=1:Sleepy", "'1:Sleepy' is no fault")]
    [InlineData("seed=1,steady=2", "'2' is neither 0 nor 1")]
    [InlineData("seed=1,replicas=4,byzantine=5", "5 of 4 replicas can not be faulty")]
    public void What_makes_no_plan_is_refused_with_the_reason(string argument, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SimulationPlan.Parse(argument)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_change_moves_nothing_else()
    {
        for (var seed = 0UL; seed < 50; seed++)
        {
            var drawn = SimulationPlan.Draw(seed);
            var changed = SimulationPlan.Draw(seed, new() { RequestsAfterHealing = 1, FaultyClients = 0, DropPerMille = 0, InFlight = 1 });

            Assert.Equal($"{drawn.Options}", $"{changed.Options}");
            Assert.Equal(drawn.Happenings.Select(static one => $"{one}"), changed.Happenings.Select(static one => $"{one}"));
            Assert.Equal(drawn.Faults, changed.Faults);
            Assert.Equal((drawn.SafetyPhase, drawn.FaultsBegin, drawn.ValueBytesMax), (changed.SafetyPhase, changed.FaultsBegin, changed.ValueBytesMax));
            Assert.Equal(drawn.Conditions with { DropPerMille = 0 }, changed.Conditions);
        }
    }

    [Fact]
    public void Seeds_draw_no_options_that_contradict_each_other()
    {
        for (var seed = 0UL; seed < 500; seed++) Assert.Empty(SimulationPlan.Draw(seed).Options.Problems());
    }

    /// <summary>What a failure does not need goes; what it needs stays: here a machine that breaks when replica 2 lies and some client asks three times.</summary>
    [Fact]
    public void A_failing_plan_shrinks_to_what_the_failure_needs()
    {
        var failing = SimulationPlan.Draw(11, new() { Replicas = 7, Faults = "2:Lie+5:Silent", Clients = 5, Requests = 30 });

        var runs = 0;
        var smallest = PlanShrinker.Shrink(failing, Broken, runsMax: 500, CancellationToken.None);

        Assert.Equal("2:Lie", smallest.Changes.Faults);
        Assert.Equal((1, 3, 0, 0), (smallest.Clients, smallest.RequestsPerClient, smallest.RequestsAfterHealing, smallest.FaultyClients));
        Assert.Empty(smallest.Happenings);
        Assert.Equal((0, 0), (smallest.Conditions.DropPerMille, smallest.Conditions.DuplicatePerMille));
        Assert.Equal("Agreement", Broken(SimulationPlan.Parse(smallest.Argument)));
        Assert.InRange(runs, 2, 500);

        string? Broken(SimulationPlan plan)
        {
            runs++;
            if (plan.Faults.GetValueOrDefault(new ReplicaId(2)) != FaultKind.Lie) return null;
            return plan.RequestsPerClient >= 3 ? "Agreement" : "Liveness"; // another property is another failure
        }
    }

    [Fact]
    public void A_plan_that_does_not_fail_is_left_alone()
    {
        var plan = SimulationPlan.Draw(11);

        Assert.Same(plan, PlanShrinker.Shrink(plan, static _ => null, runsMax: 10, CancellationToken.None));
    }

    /// <summary>More liars than are tolerated are found out, and the smaller plan that is printed fails as the large one did.</summary>
    [Fact]
    public void Two_liars_of_four_break_what_the_checkers_check()
    {
        var sweep = SimulationSweep.Run(1, 20, new() { Replicas = 4, Byzantine = 2 }, jobs: 2, static _ => { }, Stop);
        Assert.NotEmpty(sweep.Failures);

        var failing = sweep.Failures[0].Plan;
        var property = Assert.Throws<SimulationFailedException>(() => SimulationRun.Execute(failing)).Property;
        var smallest = PlanShrinker.Shrink(failing, runsMax: 60, Stop);

        Assert.NotEqual(failing.Argument, smallest.Argument);
        Assert.Equal(property, Assert.Throws<SimulationFailedException>(() => SimulationRun.Execute(SimulationPlan.Parse(smallest.Argument))).Property);
    }

    [Fact]
    public void A_sweep_finds_the_same_whatever_the_number_of_jobs()
    {
        var one = SimulationSweep.Run(1, 12, new() { Replicas = 4, Byzantine = 2 }, jobs: 1, static _ => { }, Stop);
        var told = new List<SweepProgress>();
        var four = SimulationSweep.Run(1, 12, new() { Replicas = 4, Byzantine = 2 }, jobs: 4, told.Add, Stop);

        Assert.Equal(one.Report, four.Report);
        Assert.Equal(one.Failures.Select(static failure => failure.Message), four.Failures.Select(static failure => failure.Message));
        Assert.Equal(12, told.Count);
        Assert.Equal(new(12, 12, four.Failures.Count), told[^1]);
    }

    [Fact]
    public void A_sweep_that_is_ended_says_how_far_it_came()
    {
        using var ended = new CancellationTokenSource();

        var sweep = SimulationSweep.Run(1, 1000, PlanChanges.None, jobs: 1, _ => ended.Cancel(), ended.Token);

        Assert.Equal((1, 1000), (sweep.Runs, sweep.Wanted));
    }

    [Theory]
    [InlineData(-50_000)]
    [InlineData(0)]
    [InlineData(33_333)]
    public void A_drifting_clock_shows_a_time_when_it_is_waited_for(int drift)
    {
        var loop = new LoopOptions { ClockDriftPerMillion = drift, ClockOffset = TimeSpan.FromSeconds(-1.5) };
        for (var after = 1L; after < 100_000_000_000; after *= 7)
        {
            var shown = VirtualTime.Start.Plus(TimeSpan.FromMicroseconds(after));
            var real = loop.When(shown);

            Assert.True(loop.Shown(real) >= shown, "It is not woken too early, or it would be woken for ever.");
            Assert.True(loop.Shown(new(real.Microseconds - 2)) < shown, "Nor later than it must be.");
        }
    }

    [Fact]
    public void A_trace_says_what_was_sent_what_arrived_and_what_was_done()
    {
        var lines = new List<string>();
        var plan = SimulationPlan.Draw(5, new() { Replicas = 4, Faults = "none", Clients = 1, Requests = 2, FaultyClients = 0, IsPlain = true });

        var traced = SimulationRun.Execute(plan, lines.Add);

        Assert.Equal(SimulationRun.Execute(plan), traced); // watching changes nothing
        Assert.Contains(lines, static line => line.Contains("→ all  PRE-PREPARE v0 n1", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("← 0  PRE-PREPARE v0 n1", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("committed v0 n1", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("c0 accepted c0/s1/1", StringComparison.Ordinal));
        Assert.Contains("-- the network is well from here on", lines);
    }
}
