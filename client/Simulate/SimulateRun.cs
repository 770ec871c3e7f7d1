using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.Simulation;

namespace OrleansPbft.ClientConsole.Simulate;

/// <summary>Runs simulations, shows how far they are, and says what came of them.</summary>
internal static class SimulateRun
{
    /// <summary>As many failing plans as are shown and made smaller; the rest are counted.</summary>
    private const int ShownMax = 5;

    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs all seeds, then makes the first failing plan smaller.</summary>
    public static VerbResult Sweep(SimulateOptions options, ConsoleIo io, CancellationToken cancelled)
    {
        var watch = Stopwatch.StartNew();
        var shown = TimeSpan.Zero;
        var sweep = SimulationSweep.Run(options.First, options.Last, options.Changes, options.Jobs, Show, cancelled);
        ClearLine();
        var smallest = sweep.Failures.Count > 0 && options.ShrinkRuns > 0 ? Shrink(sweep.Failures[0].Plan) : null;
        return Describe(sweep, smallest, watch.Elapsed);

        void Show(SweepProgress progress)
        {
            if (!io.ReportsToTerminal || (watch.Elapsed - shown < ShowEvery && progress.Done < progress.Total)) return;
            shown = watch.Elapsed;
            var rate = progress.Done / Math.Max(0.001, watch.Elapsed.TotalSeconds);
            io.Errors.Write(string.Create(
                CultureInfo.InvariantCulture, $"\r{progress.Done:N0} of {progress.Total:N0} runs, {rate:N0} each second, {progress.Failed:N0} failed\e[K"));
        }

        void ClearLine()
        {
            if (io.ReportsToTerminal) io.Errors.Write("\r\e[K");
        }

        SimulationPlan Shrink(SimulationPlan plan)
        {
            if (io.ReportsToTerminal) io.Errors.Write($"\rmaking seed {plan.Seed} smaller ...\e[K");
            var smaller = PlanShrinker.Shrink(plan, options.ShrinkRuns, cancelled);
            ClearLine();
            return smaller;
        }
    }

    /// <summary>Runs one plan, and writes down what happens where that is wanted.</summary>
    public static VerbResult One(SimulationPlan plan, SimulateOptions options, TextWriter trace)
    {
        if (options.Trace) trace.Write(plan.ToString());
        try
        {
            var report = SimulationRun.Execute(plan, options.Trace ? Write : null);
            return Result(plan, report, null);
        }
        catch (SimulationFailedException failure)
        {
            return Result(plan, null, failure.InnerException?.Message ?? failure.Message);
        }

        void Write(string line)
        {
            if (options.Shows(line)) trace.WriteLine(line);
        }
    }

    private static VerbResult Result(SimulationPlan plan, SimulationReport? report, string? violation)
    {
        var json = new JsonObject { ["plan"] = plan.Argument, ["replay"] = plan.Replay, ["violation"] = violation, ["marks"] = report is null ? null : Marks(report) };
        if (report is null) return new() { ExitCode = ExitCode.Failure, Text = $"{violation}\n{plan}replay: {plan.Replay}", Json = json };
        return VerbResult.Done($"{plan}{report}every property holds", json);
    }

    private static VerbResult Describe(SimulationSweep sweep, SimulationPlan? smallest, TimeSpan elapsed)
    {
        var report = sweep.Report;
        var missing = report.Missing;
        var json = new JsonObject
        {
            ["runs"] = sweep.Runs,
            ["wanted"] = sweep.Wanted,
            ["failed"] = sweep.Failures.Count,
            ["seconds"] = Math.Round(elapsed.TotalSeconds, 3),
            ["simulatedSeconds"] = Math.Round(report.Elapsed.TotalSeconds, 3),
            ["runsWithViewChange"] = report[Mark.RunsWithViewChange],
            ["runsWithTransfer"] = report[Mark.RunsWithTransfer],
            ["failures"] = new JsonArray([.. sweep.Failures.Select(static failure => (JsonNode)new JsonObject
            {
                ["seed"] = failure.Plan.Seed, ["violation"] = failure.Message, ["replay"] = failure.Plan.Replay,
            })]),
            ["smallest"] = smallest?.Replay,
            ["marks"] = Marks(report),
            ["marksMissing"] = new JsonArray([.. missing.Select(static mark => (JsonNode)mark.ToString())]),
        };

        var text = new StringBuilder();
        foreach (var failure in sweep.Failures.Take(ShownMax))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"seed {failure.Plan.Seed}: {failure.Message}");
            text.AppendLine(CultureInfo.InvariantCulture, $"  replay: {failure.Plan.Replay}");
        }

        if (sweep.Failures.Count > ShownMax) text.AppendLine(CultureInfo.InvariantCulture, $"... and {sweep.Failures.Count - ShownMax} more; --json names them all");
        if (smallest is not null)
        {
            text.AppendLine("the first of them, made smaller:");
            text.Append(smallest);
            text.AppendLine(CultureInfo.InvariantCulture, $"  replay: {smallest.Replay}");
        }

        if (missing.Count > 0) text.AppendLine(CultureInfo.InvariantCulture, $"never came across: {string.Join(", ", missing)}");
        if (sweep.Runs < sweep.Wanted) text.AppendLine(CultureInfo.InvariantCulture, $"stopped after {sweep.Runs} of {sweep.Wanted} runs");
        text.Append(CultureInfo.InvariantCulture, $"{sweep.Runs:N0} runs in {elapsed.TotalSeconds:F1} s, {sweep.Failures.Count:N0} failed: ");
        text.Append(CultureInfo.InvariantCulture, $"{report.Elapsed.TotalSeconds:N0} simulated seconds, {report[Mark.OperationsApplied]:N0} operations applied, ");
        text.Append(CultureInfo.InvariantCulture, $"view changes in {report[Mark.RunsWithViewChange]:N0} runs, state transfers in {report[Mark.RunsWithTransfer]:N0}, ");
        text.Append(CultureInfo.InvariantCulture, $"{missing.Count:N0} of {report.Expected.Count} marks missing");
        var isGood = sweep.Failures.Count == 0 && sweep.Runs == sweep.Wanted;
        return new() { ExitCode = isGood ? ExitCode.Done : ExitCode.Failure, Text = text.ToString(), Json = json };
    }

    private static JsonObject Marks(SimulationReport report)
    {
        var marks = new JsonObject();
        foreach (var mark in Enum.GetValues<Mark>()) marks[mark.ToString()] = report[mark];
        return marks;
    }
}
