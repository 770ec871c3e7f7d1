namespace OrleansPbft.Simulation;

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Runs that have ended.</param>
/// <param name="Total">Runs in all.</param>
/// <param name="Failed">Runs that broke a property.</param>
public readonly record struct SweepProgress(long Done, long Total, long Failed);

/// <summary>A run of a sweep that broke a property.</summary>
/// <param name="Plan">What was run.</param>
/// <param name="Message">What broke, in one line.</param>
public sealed record SweepFailure(SimulationPlan Plan, string Message);

/// <summary>Runs many seeds, each in one thread, as many at a time as there are jobs. What it finds does not depend on how many.</summary>
public sealed class SimulationSweep
{
    private SimulationSweep(long runs, long wanted, SimulationReport report, IReadOnlyList<SweepFailure> failures)
    {
        Runs = runs;
        Wanted = wanted;
        Report = report;
        Failures = failures;
    }

    /// <summary>Runs that ended.</summary>
    public long Runs { get; }

    /// <summary>Runs that there should have been; more than <see cref="Runs"/> where somebody ended the sweep.</summary>
    public long Wanted { get; }

    /// <summary>What all runs that kept every property came across together.</summary>
    public SimulationReport Report { get; }

    /// <summary>The runs that broke one, by seed.</summary>
    public IReadOnlyList<SweepFailure> Failures { get; }

    /// <summary>Runs the seeds <paramref name="first"/> to <paramref name="last"/>.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last seed; not before the first.</param>
    /// <param name="changes">What is set in all plans.</param>
    /// <param name="jobs">How many runs at a time; 1 or more.</param>
    /// <param name="onProgress">Is told after each run, one call at a time.</param>
    /// <param name="cancellationToken">Ends the sweep with the runs that have ended by then.</param>
    /// <exception cref="ArgumentException">The changes contradict each other.</exception>
    public static SimulationSweep Run(
        ulong first, ulong last, PlanChanges changes, int jobs, Action<SweepProgress> onProgress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onProgress);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfLessThan(jobs, 1);
        SimulationPlan.Draw(first, changes); // what is wrong with the changes is wrong for all seeds

        var report = new SimulationReport();
        var failures = new SortedDictionary<ulong, SweepFailure>();
        var total = checked((long)(last - first + 1));
        var done = 0L;
        var gate = new Lock();
        Parallel.For(0, total, new() { MaxDegreeOfParallelism = jobs }, (i, loop) =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                loop.Stop();
                return;
            }

            var plan = SimulationPlan.Draw(first + (ulong)i, changes);
            SimulationReport? run = null;
            SimulationFailedException? failure = null;
            try
            {
                run = SimulationRun.Execute(plan);
            }
            catch (SimulationFailedException broken)
            {
                failure = broken;
            }

            lock (gate)
            {
                if (run is not null) report.Add(run);
                if (failure is not null) failures.Add(plan.Seed, new(plan, failure.InnerException?.Message ?? failure.Message));
                onProgress(new(++done, total, failures.Count));
            }
        });
        return new(done, total, report, [.. failures.Values]);
    }
}
