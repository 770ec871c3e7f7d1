using System.CommandLine;
using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Traces;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>trace: the message sequence diagram of a request, a view change or a checkpoint, in text.</summary>
internal static class TraceVerb
{
    private const string List = "list";

    public static Command Create(VerbContext context)
    {
        var id = new Argument<string>("id")
        {
            Description = "n17, v3 (the change to view 3), c128 (the checkpoint at 128), last (the newest request); or list, which names what is kept.",
            DefaultValueFactory = static _ => TraceDocument.Last,
        };
        id.CompletionSources.Add(static _ => [TraceDocument.Last, List]);
        var all = new Option<bool>("--all") { Description = "A row for each message, however many there are." };
        var silos = new Option<string[]>("--silo")
        {
            Description = "The HTTP address of one silo of a federation; once for each silo that is to be asked. What they tell is joined.",
            HelpName = "url",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var limit = new Option<int>("--limit")
        {
            Description = "How many traces to list.",
            HelpName = "number",
            DefaultValueFactory = static _ => TraceListDocument.LimitDefault,
        };
        var verb = new Command("trace", "Draw who sent what to whom, and when: of a request, a view change or a checkpoint.") { id, all, silos, limit };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var endpoints = EndpointsOf(context, parse, parse.GetValue(silos) ?? []);
            var wanted = parse.GetRequiredValue(id);
            return wanted == List
                ? Describe(await TraceListDocument.FetchAsync(endpoints[0], parse.GetValue(limit), cancelled))
                : Describe(await FetchAsync(endpoints, wanted, cancelled), parse.GetValue(all));
        });
        return verb;
    }

    /// <summary>A trace, drawn.</summary>
    internal static VerbResult Describe(TraceDocument trace, bool eachMessage) =>
        VerbResult.Done(TraceText.Draw(trace, eachMessage), JsonSerializer.SerializeToNode(trace, TraceJson.Default.TraceDocument)!.AsObject());

    /// <summary>What there is to draw, a line each.</summary>
    internal static VerbResult Describe(TraceListDocument traces)
    {
        var lines = traces.Items.Select(static one =>
        {
            var remark = one.Anomalies > 0 ? $"{one.Anomalies} missing or lying" : one.Complete ? "" : "not complete";
            return $"{one.Start:HH:mm:ss.ffffff}  {one.Id,-8}  {one.DurationUs / 1000.0,10:0.000} ms  {remark,-20}  {one.Title}";
        });
        var text = traces.Items.Length == 0 ? "Nothing has been ordered yet." : string.Join('\n', lines);
        return VerbResult.Done(VerbResult.Printable(text), JsonSerializer.SerializeToNode(traces, TraceJson.Default.TraceListDocument)!.AsObject());
    }

    /// <exception cref="UsageException">A federation is named, and none of its silos.</exception>
    private static Uri[] EndpointsOf(VerbContext context, ParseResult parse, string[] silos)
    {
        if (silos.Length > 0) return [.. silos.Select(GlobalOptions.AddressOf)];
        return context.Options.TargetOf(parse).Endpoint is { } endpoint
            ? [endpoint]
            : throw new UsageException(
                "A cluster file does not say where the silos' HTTP APIs are, and only their operators reach them. Name those that you reach: "
                + "--silo http://127.0.0.1:5080 --silo http://127.0.0.1:5081 ...");
    }

    /// <summary>What all silos that answer tell. The first is asked which trace is the last.</summary>
    private static async Task<TraceDocument> FetchAsync(Uri[] endpoints, string id, CancellationToken cancelled)
    {
        if (endpoints.Length == 1) return await TraceDocument.FetchAsync(endpoints[0], id, cancelled);
        PbftException? problem = null;
        var told = new List<TraceDocument>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                var trace = await TraceDocument.FetchAsync(endpoint, id, cancelled);
                told.Add(trace);
                id = trace.Id;
            }
            catch (PbftException e) when (e is PbftConnectionException or PbftRefusedException { Status: 404 })
            {
                problem ??= e; // one that is away, or knows nothing of it, does not keep the others from telling
            }
        }

        return told.Count > 0 ? TraceMerge.Join(told) : throw problem!;
    }
}
