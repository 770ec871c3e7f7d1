using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansPbft.Client;
using Spectre.Console;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>phases: how long each phase takes at each replica just now, like top: the slow replica is the one whose row stands out.</summary>
internal static class PhasesVerb
{
    private const int Width = 160;

    private static readonly string[] Phases = ["pre-prepare", "prepare", "commit", "execute"];
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create(VerbContext context)
    {
        var once = new Option<bool>("--once") { Description = "Show it once, not every second until Ctrl-C." };
        var verb = new Command("phases", "Show how long each phase takes at each replica, every second: which replica is slow.") { once };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var endpoint = context.Options.EndpointOf(parse);
            while (!parse.GetValue(once) && !cancelled.IsCancellationRequested)
            {
                var now = Describe(await LiveDocument.FetchAsync(endpoint, cancelled));
                if (context.Io.ReadsTerminal && !context.Options.IsJson(parse)) await context.Io.Output.WriteAsync("\u001b[H\u001b[J");
                await now.WriteAsync(context.Io, context.Options.IsJson(parse));
                await Task.Delay(Interval, cancelled).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            return parse.GetValue(once) ? Describe(await LiveDocument.FetchAsync(endpoint, cancelled)) : VerbResult.Written(ExitCode.Done);
        });
        return verb;
    }

    /// <summary>How fast the cluster is, and a row for each replica: median / 99 of 100, in milliseconds.</summary>
    internal static VerbResult Describe(LiveDocument live)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var latency = live.Latency is { } known ? $"; from arrival to execution {Pair(known.P50Us, known.P99Us)} ms" : "";
        writer.WriteLine($"{live.OperationsPerSecond:0} operations/s in {live.BatchesPerSecond:0} batches/s of {live.BatchMean:0.0} requests{latency}");
        if (live.Phases.Length == 0)
        {
            writer.WriteLine("Nothing was ordered in the last ten seconds.");
        }
        else
        {
            writer.WriteLine("median / 99 of 100 over the last ten seconds, in ms");
            var table = new Table { Border = TableBorder.Simple }.AddColumns(["replica", .. Phases, "batches"]);
            foreach (var replica in live.Phases.GroupBy(static phase => phase.Replica))
            {
                table.AddRow([
                    Cell($"{replica.Key}"),
                    .. Phases.Select(name => Cell(replica.FirstOrDefault(phase => phase.Phase == name) is { } phase ? Pair(phase.P50Us, phase.P99Us) : "")),
                    Cell($"{replica.Max(static phase => phase.Count)}"),
                ]);
            }

            var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
            console.Profile.Width = Width;
            console.Write(table);
        }

        return VerbResult.Done(writer.ToString().TrimEnd(), JsonSerializer.SerializeToNode(live, TraceJson.Default.LiveDocument)!.AsObject());

        static Text Cell(string text) => new(text);
    }

    private static string Pair(long p50Us, long p99Us) =>
        string.Create(CultureInfo.InvariantCulture, $"{p50Us / 1000.0:0.000} / {p99Us / 1000.0:0.000}");
}
