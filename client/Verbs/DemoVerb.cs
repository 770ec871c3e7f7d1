using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.ClientConsole.Demos;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>demo: guided scenarios, told from what really happens.</summary>
internal static class DemoVerb
{
    public static Command Create(VerbContext context)
    {
        var name = new Argument<string?>("scenario") { Description = "The scenario; without one, they are listed.", Arity = ArgumentArity.ZeroOrOne };
        var pause = new Option<bool>("--pause") { Description = "Wait for Enter between the steps, on a terminal." };
        var generals = new Option<int?>("--generals") { Description = "Of 'generals': how many, in a cluster simulated in this process.", HelpName = "number" };
        var traitors = new Option<int?>("--traitors")
        {
            Description = "Of 'generals': how many of them are traitors; as many as are tolerated, when not given.",
            HelpName = "number",
        };
        var seed = new Option<ulong?>("--seed") { Description = "Of '--generals': what the simulation is drawn from.", HelpName = "number" };
        name.CompletionSources.Add(static _ => DemoCatalog.Demos.Select(static demo => demo.Name));
        var verb = new Command("demo", "Show in a guided scenario how the cluster bears faults: demo lists them, demo lie plays one.") { name, pause, generals, traitors, seed };
        context.SetAction(verb, (parse, cancelled) =>
        {
            var chosen = parse.GetValue(name);
            var (n, t) = (parse.GetValue(generals), parse.GetValue(traitors));
            if (chosen is null) return Task.FromResult(List());
            var names = DemoCatalog.Demos.Select(static demo => demo.Name).ToArray();
            var demo = DemoCatalog.Find(chosen) ?? throw new UsageException(
                $"'{VerbResult.Printable(chosen)}' is no scenario.{Spelling.Question(chosen, names)} There are {string.Join(", ", names)}.");
            if (demo is not GeneralsDemo && (n ?? t) is not null) throw new UsageException($"'demo {demo.Name}' has no generals: leave out --generals and --traitors.");

            var isJson = context.Options.IsJson(parse);
            var pauses = parse.GetValue(pause);
            if (pauses && (isJson || !context.Io.ReadsTerminal)) throw new UsageException("--pause waits for somebody who reads on a terminal: leave it out here.");
            var narrator = new Narrator(context.Io, isJson, pauses);
            if (n is { } number) return DemoRun.PlayAsync(new SimulatedGeneralsDemo(number, t, parse.GetValue(seed)), narrator, cancelled);
            if (parse.GetValue(seed) is not null) throw new UsageException("--seed is for simulated generals: give --generals too.");
            if (t < 0) throw new UsageException("--traitors must be 0 or more.");
            return DemoRun.PlayAsync(
                demo is GeneralsDemo ? new GeneralsDemo(t) : demo, context.Options.EndpointOf(parse), context.Options.TimeoutOf(parse), narrator, cancelled);
        });
        return verb;
    }

    private static VerbResult List()
    {
        var text = new StringBuilder();
        var json = new JsonArray();
        foreach (var demo in DemoCatalog.Demos)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{demo.Name,-12} {demo.Summary}\n");
            json.Add((JsonNode)new JsonObject { ["name"] = demo.Name, ["summary"] = demo.Summary, ["point"] = demo.Point });
        }

        text.Append("Play one: client demo four-steps. All but that one need a silo that allows faults: Pbft:FaultInjection:Enabled.");
        return VerbResult.Done(text.ToString(), new() { ["demos"] = json });
    }
}
