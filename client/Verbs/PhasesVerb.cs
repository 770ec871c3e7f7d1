using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansPbft.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>phases: how long each phase takes at each replica just now, like top: the slow replica is the one whose row stands out.</summary>
internal static class PhasesVerb
{
    public static Command Create(VerbContext context)
    {
        var once = new Option<bool>("--once") { Description = "Show it once, not every second until Ctrl-C." };
        var interval = VerbContext.IntervalOption("How many seconds to wait between two questions.");
        var verb = new Command("phases", "Show how long each phase takes at each replica, every second: which replica is slow.") { once, interval };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var endpoint = context.Options.EndpointOf(parse);
            var every = VerbContext.IntervalOf(parse, interval);
            if (parse.GetValue(once)) return Describe(await LiveDocument.FetchAsync(endpoint, cancelled), context.Io);
            var watching = new PageWatch<LiveDocument>(
                stopped => LiveDocument.FetchAsync(endpoint, stopped),
                live => Describe(live, context.Io),
                live => Parts(live, context.Io),
                context.Io,
                context.Options.IsJson(parse),
                every);
            return await watching.RunAsync(cancelled);
        });
        return verb;
    }

    /// <summary>How fast the cluster is, and a row for each replica: median / 99 of 100, in milliseconds.</summary>
    internal static VerbResult Describe(LiveDocument live, ConsoleIo io) =>
        VerbResult.Done(Screen.Draw(io, Parts(live, io)), JsonSerializer.SerializeToNode(live, TraceJson.Default.LiveDocument)!.AsObject());

    private static IEnumerable<IRenderable> Parts(LiveDocument live, ConsoleIo io)
    {
        var latency = live.Latency is { } known ? $"; from arrival to execution {Pair(known.P50Us, known.P99Us)} ms" : "";
        yield return Screen.Cell($"{live.OperationsPerSecond:0} operations/s in {live.BatchesPerSecond:0} batches/s of {live.BatchMean:0.0} requests{latency}");
        if (live.Phases.Length == 0)
        {
            yield return Screen.Cell("Nothing was ordered in the last ten seconds.");
            yield break;
        }

        yield return Screen.Cell("median / 99 of 100 over the last ten seconds, in ms");
        var table = Screen.Table(io, ["replica", .. LivePhaseDocument.Phases, "batches"]);
        foreach (var replica in live.Phases.GroupBy(static phase => phase.Replica))
        {
            table.AddRow([
                Screen.Cell(replica.Key),
                .. LivePhaseDocument.Phases.Select(name => Screen.Cell(replica.FirstOrDefault(phase => phase.Phase == name) is { } phase ? Pair(phase.P50Us, phase.P99Us) : "")),
                Screen.Cell(replica.Max(static phase => phase.Count)),
            ]);
        }

        yield return table;
    }

    private static string Pair(long p50Us, long p99Us) =>
        string.Create(CultureInfo.InvariantCulture, $"{p50Us / 1000.0:0.000} / {p99Us / 1000.0:0.000}");
}
