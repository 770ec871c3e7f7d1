using System.CommandLine;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>status: where every replica stands, by its own account.</summary>
internal static class StatusVerb
{
    public static Command Create(VerbContext context)
    {
        var watch = new Option<bool>("--watch") { Description = "Ask again and again, until Ctrl-C: redrawn in place on a terminal, else written whenever it changed." };
        var interval = new Option<double>("--interval")
        {
            Description = "With --watch: how many seconds to wait between two questions.",
            HelpName = "seconds",
            DefaultValueFactory = static _ => 1,
        };
        var verb = new Command("status", "Show where every replica stands.") { watch, interval };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var every = parse.GetValue(interval) is var seconds and >= 0.1 and <= 3600
                ? TimeSpan.FromSeconds(seconds)
                : throw new UsageException("--interval must be 0.1 to 3600 seconds.");
            var target = context.Options.TargetOf(parse);
            if (parse.GetValue(watch))
            {
                return VerbResult.Written(await new StatusWatch(target.FetchStatusAsync, context.Io, context.Options.IsJson(parse), every).RunAsync(cancelled));
            }

            var status = await target.FetchStatusAsync(cancelled);
            context.Seen.Replicas = status.N;
            return StatusView.Describe(status, context.Io);
        });
        return verb;
    }
}
