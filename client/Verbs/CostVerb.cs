using System.CommandLine;
using OrleansPbft.ClientConsole.Cost;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>cost: what one request costs in messages, bytes, signatures, MACs and delays, simulated, beside the formula.</summary>
internal static class CostVerb
{
    public static Command Create(VerbContext context)
    {
        var from = Number("--from", "The smallest n: 4 or more.", 4);
        var to = Number("--to", "The largest n: at most 64. From --from on in steps of 3.", 31);
        var batch = new Option<string>("--batch")
        {
            Description = $"How many requests a batch has, 1 to {CostPlan.BatchMax}; several sizes are compared.",
            HelpName = "sizes",
            DefaultValueFactory = static _ => "1,8,64",
        };
        var requests = Number("--requests", "How many requests to measure in each cluster, rounded up to whole batches.", 128);
        var seed = new Option<ulong>("--seed") { Description = "What keys and values are drawn from.", HelpName = "number", DefaultValueFactory = static _ => 1 };
        var authentication = new Option<AuthenticationMode?>("--authentication") { Description = "Only this mode; both when not given.", HelpName = "mode" };
        var svg = new Option<FileInfo?>("--svg") { Description = "Also draw a plot into this file.", HelpName = "file" };
        var verb = new Command("cost", "Count what a request costs in simulated clusters of several sizes, beside the formula.")
        {
            from, to, batch, requests, seed, authentication, svg,
        };
        context.SetAction(verb, (parse, cancelled) =>
        {
            var options = new CostOptions
            {
                From = parse.GetValue(from),
                To = parse.GetValue(to),
                Batches = CostOptions.ReadBatches(parse.GetValue(batch)!),
                Requests = parse.GetValue(requests),
                Seed = parse.GetValue(seed),
                Authentication = parse.GetValue(authentication),
            };
            var plans = options.Plans();
            return Task.Run(() => Measure(context.Io, options, plans, parse.GetValue(svg), cancelled), CancellationToken.None);
        });
        return verb;
    }

    private static VerbResult Measure(ConsoleIo io, CostOptions options, IReadOnlyList<CostPlan> plans, FileInfo? svg, CancellationToken cancelled)
    {
        var points = CostSweep.Run(plans, io, cancelled);
        if (svg is not null) File.WriteAllText(svg.FullName, CostPlot.Draw(points));
        return new CostReport(options, points).ToResult(io, svg?.ToString());
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "number", DefaultValueFactory = _ => value };
}
