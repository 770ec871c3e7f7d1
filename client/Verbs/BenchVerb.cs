using System.CommandLine;
using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>bench: how many operations a cluster serves, and how fast.</summary>
internal static class BenchVerb
{
    private static readonly BenchOptions Defaults = new();

    public static Command Create(VerbContext context)
    {
        var clients = Number("--clients", "How many clients, each with a session of its own and one request under way.", Defaults.Clients);
        var bundle = Number("--bundle", "How many operations one request bundles.", Defaults.Bundle);
        var payload = Number("--payload", "How many bytes a written value has.", Defaults.Payload);
        var reads = Number("--reads", "How many per cent of the operations are reads.", Defaults.Reads);
        var ordered = new Option<bool>("--ordered") { Description = "Have reads ordered like writes, and bundled with them." };
        var keys = Number("--keys", "How many keys there are.", Defaults.Keys);
        var connections = Number("--connections", "How many connections the clients share.", Defaults.Connections);
        var duration = Seconds("--duration", "How long to measure.", Defaults.Duration);
        var warmup = Seconds("--warmup", "How long to run before that.", Defaults.Warmup);
        var operations = new Option<long?>("--operations") { Description = "Measure so many operations instead of a time." };
        var openLoop = new Option<bool>("--open-loop") { Description = "Begin requests at a rate, whether those before are answered or not, and tell how each client fared." };
        var rate = new Option<string>("--rate")
        {
            Description = "How many requests an open loop begins in a second, of all clients together; or 5x, five times what closed loops get through.",
            HelpName = "number|5x",
            DefaultValueFactory = static _ => "5x",
        };
        var seed = new Option<ulong>("--seed") { Description = "What the operations are drawn from.", DefaultValueFactory = static _ => Defaults.Seed };
        var verb = new Command("bench", "Load the cluster with closed loops, or with an open one, and measure.")
        {
            clients, bundle, payload, reads, ordered, keys, connections, duration, warmup, operations, openLoop, rate, seed,
        };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var options = new BenchOptions
            {
                Clients = parse.GetValue(clients),
                Bundle = parse.GetValue(bundle),
                Payload = parse.GetValue(payload),
                Reads = parse.GetValue(reads),
                Ordered = parse.GetValue(ordered),
                Keys = parse.GetValue(keys),
                Connections = parse.GetValue(connections),
                Duration = Span(parse.GetValue(duration)),
                Warmup = Span(parse.GetValue(warmup)),
                Operations = parse.GetValue(operations),
                OpenLoop = parse.GetValue(openLoop) ? RateOf(parse.GetValue(rate)!) : null,
                Seed = parse.GetValue(seed),
            };
            var report = await BenchRun.RunAsync(
                context.Options.TargetOf(parse), options, context.Options.TimeoutOf(parse), context.Io, cancelled);
            return report.ToResult();
        });
        return verb;
    }

    private static OpenLoopRate RateOf(string text) => OpenLoopRate.TryParse(text, out var rate)
        ? rate.Value
        : throw new UsageException($"--rate is '{text}': give a number of requests in a second, as 20000, or a multiple of what the cluster can do, as 5x.");

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "number", DefaultValueFactory = _ => value };

    private static Option<double> Seconds(string name, string description, TimeSpan value) =>
        new(name) { Description = description, HelpName = "seconds", DefaultValueFactory = _ => value.TotalSeconds };

    private static TimeSpan Span(double seconds) =>
        double.IsFinite(seconds) && Math.Abs(seconds) < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromSeconds(-1); // refused with the others
}
