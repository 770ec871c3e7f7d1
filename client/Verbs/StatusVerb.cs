using System.CommandLine;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>status: where every replica stands, by its own account.</summary>
internal static class StatusVerb
{
    public static Command Create(VerbContext context)
    {
        var watch = new Option<bool>("--watch") { Description = "Ask again and again, until Ctrl-C: redrawn in place on a terminal, else written whenever it changed." };
        var interval = VerbContext.IntervalOption("With --watch: how many seconds to wait between two questions.");
        var verb = new Command("status", "Show where every replica stands.") { watch, interval };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var every = VerbContext.IntervalOf(parse, interval);
            var target = context.Options.TargetOf(parse);
            if (parse.GetValue(watch))
            {
                var watching = new PageWatch<StatusDocument>(
                    target.FetchStatusAsync,
                    status => StatusView.Describe(status, context.Io),
                    status => StatusView.Parts(status, context.Io),
                    context.Io,
                    context.Options.IsJson(parse),
                    every);
                return await watching.RunAsync(cancelled);
            }

            var now = await target.FetchStatusAsync(cancelled);
            context.Seen.Replicas = now.N;
            return StatusView.Describe(now, context.Io);
        });
        return verb;
    }
}
