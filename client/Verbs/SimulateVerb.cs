using System.CommandLine;
using OrleansPbft.ClientConsole.Simulate;
using OrleansPbft.Core;
using OrleansPbft.Simulation;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>simulate: whole clusters in one process on virtual time, with faults drawn from a seed, and every property checked.</summary>
internal static class SimulateVerb
{
    private const int ShrinkRuns = 200;

    public static Command Create(VerbContext context)
    {
        var seed = new Option<ulong?>("--seed") { Description = "Run this seed.", HelpName = "number" };
        var seeds = new Option<string?>("--seeds") { Description = "Run all of these seeds: 1..2000. 1..200 by default.", HelpName = "first..last" };
        var plan = new Option<string?>("--plan") { Description = "Run the plan that a failure printed: seed=48,clients=1,...", HelpName = "plan" };
        var replicas = Number("--replicas", "n, in every run.");
        var byzantine = Number("--byzantine", "How many replicas lie in every run; more than f shows that the checkers see.");
        var operations = Number("--ops", "About how many operations the clients of a run ask for while the network is bad.");
        var minutes = new Option<double?>("--minutes") { Description = "For how many simulated minutes the network is bad.", HelpName = "minutes" };
        var durable = new Option<bool>("--durable") { Description = "Replicas keep real journals, on disks that crash in the middle of their work." };
        var authentication = new Option<AuthenticationMode?>("--authentication") { Description = "Truly seal all envelopes of every run, in this mode.", HelpName = "mode" };
        var jobs = Number("--jobs", "How many runs at a time; as many as there are processors by default.");
        var trace = new Option<bool>("--trace") { Description = "Write down all that happens in the run of one seed or plan." };
        var filter = new Option<string[]>("--filter")
        {
            Description = "Write only lines of the trace that hold this; several must all be held, a|b is either.",
            HelpName = "words",
            AllowMultipleArgumentsPerToken = false,
        };
        var shrink = new Option<int>("--shrink")
        {
            Description = "How many runs it may take to make the first failing plan smaller; 0 leaves it.",
            HelpName = "runs",
            DefaultValueFactory = static _ => ShrinkRuns,
        };
        var verb = new Command("simulate", "Simulate clusters with faults from seeds, and check every property.")
        {
            seed, seeds, plan, replicas, byzantine, operations, minutes, durable, authentication, jobs, trace, filter, shrink,
        };
        context.SetAction(verb, (parse, cancelled) =>
        {
            var changes = new PlanChanges
            {
                Replicas = parse.GetValue(replicas),
                Byzantine = parse.GetValue(byzantine),
                Operations = parse.GetValue(operations),
                Authentication = parse.GetValue(authentication),
                Milliseconds = parse.GetValue(minutes) is { } length ? Milliseconds(length) : null,
                IsDurable = parse.GetValue(durable) ? true : null,
            };
            var chosen = new[] { parse.GetValue(seed)?.ToString(System.Globalization.CultureInfo.InvariantCulture), parse.GetValue(seeds), parse.GetValue(plan) };
            if (chosen.Count(static one => one is not null) > 1) throw new UsageException("Give one of --seed, --seeds and --plan.");
            var isOne = parse.GetValue(plan) is not null || parse.GetValue(seed) is not null;
            var wantsTrace = parse.GetValue(trace) || parse.GetValue(filter) is { Length: > 0 };
            if (wantsTrace && !isOne) throw new UsageException("A trace is of one run. Give --seed or --plan with it.");
            if (parse.GetValue(plan) is not null && changes != PlanChanges.None) throw new UsageException("A plan says all. Change the plan's text instead.");

            var (first, last) = SimulateOptions.ReadSeeds(parse.GetValue(seeds) ?? chosen[0] ?? "1..200");
            var count = parse.GetValue(jobs) ?? Environment.ProcessorCount;
            if (count < 1) throw new UsageException("--jobs must be 1 or more.");
            var options = new SimulateOptions(first, last, changes, count, wantsTrace, parse.GetValue(filter) ?? [], parse.GetValue(shrink));
            if (!isOne) return Task.Run(() => SimulateRun.Sweep(options, context.Io, cancelled), CancellationToken.None);

            // A trace goes to the answers; where the answer is JSON, it goes to the notices.
            var one = parse.GetValue(plan) is { } text ? SimulationPlan.Parse(text) : SimulationPlan.Draw(first, changes);
            return Task.Run(() => SimulateRun.One(one, options, context.Options.IsJson(parse) ? context.Io.Errors : context.Io.Output), CancellationToken.None);
        });
        return verb;
    }

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "number" };

    private static int Milliseconds(double minutes) => minutes is > 0 and <= 24 * 60
        ? Math.Max(1, (int)(minutes * 60_000))
        : throw new UsageException("--minutes must be above 0 and at most 1440.");
}
