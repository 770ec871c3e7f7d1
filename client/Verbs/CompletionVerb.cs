using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansPbft.ClientConsole.Completion;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>completion: the script that makes a shell complete verbs, options and their values.</summary>
internal static class CompletionVerb
{
    public static Command Create(VerbContext context, Command root)
    {
        var shell = new Argument<string>("shell") { Description = $"The shell: {string.Join(", ", CompletionScript.Shells)}." };
        shell.CompletionSources.Add(static _ => CompletionScript.Shells);
        var name = new Option<string>("--command")
        {
            Description = "What the console is called in that shell.",
            HelpName = "name",
            DefaultValueFactory = static _ => "client",
        };
        var verb = new Command("completion", "Print the script with which a shell completes verbs: source <(client completion bash).") { shell, name };
        context.SetAction(verb, (parse, _) =>
        {
            var command = parse.GetValue(name)!;
            var script = CompletionScript.For(parse.GetRequiredValue(shell), root, command);
            return Task.FromResult(VerbResult.Done(
                script.TrimEnd('\n'), new JsonObject { ["shell"] = parse.GetRequiredValue(shell), ["command"] = command, ["script"] = script }));
        });
        return verb;
    }
}
