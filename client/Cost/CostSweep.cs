using System.Globalization;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>Measures many clusters, some at a time, and shows how far it is. The order of what comes out is that of the plans.</summary>
internal static class CostSweep
{
    /// <summary>Measures all plans.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static IReadOnlyList<CostPoint> Run(IReadOnlyList<CostPlan> plans, ConsoleIo io, CancellationToken cancelled)
    {
        var points = new CostPoint[plans.Count];
        var done = 0;
        var gate = new Lock();

        // The dearest first, so that none of them is left over for one processor at the end.
        int[] order = [.. Enumerable.Range(0, plans.Count).OrderByDescending(i => (long)plans[i].Replicas * plans[i].Replicas * plans[i].Batches)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancelled };
        try
        {
            Parallel.For(0, order.Length, options, i =>
            {
                points[order[i]] = CostRun.Measure(plans[order[i]]);
                Show(Interlocked.Increment(ref done));
            });
        }
        finally
        {
            if (io.ReportsToTerminal) io.Errors.Write("\r\e[K");
        }

        return points;

        void Show(int count)
        {
            if (!io.ReportsToTerminal) return;
            lock (gate) io.Errors.Write(string.Create(CultureInfo.InvariantCulture, $"\r{count} of {points.Length} clusters\e[K"));
        }
    }
}
