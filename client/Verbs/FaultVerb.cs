using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.Faults;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>fault: makes a replica faulty on purpose, heals it, or shows which are. The silo knows the modes; the console passes them on.</summary>
internal static class FaultVerb
{
    private const string List = "list";
    private const string Heal = "heal";
    private const string CensorMe = "censor:me";

    public static Command Create(VerbContext context)
    {
        var replica = new Argument<string>("replica") { Description = "The replica's id; or 'list', which shows all and names the modes.", DefaultValueFactory = static _ => List };
        var mode = new Argument<string?>("mode")
        {
            Description = "What it is to do wrong, as lie or drop:0.3 (censor:me drops the requests of this console's own key); or 'heal'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        replica.CompletionSources.Add(_ => [.. context.Seen.ReplicaIds, List]);
        mode.CompletionSources.Add(_ => [.. Fault.Forms.Select(static form => form.Split('<')[0]), CensorMe, Heal]);
        var verb = new Command("fault", "Make a replica faulty on purpose, or heal it: fault 2 lie, fault 2 heal, fault list.") { replica, mode };
        context.SetAction(verb, (parse, cancelled) => RunAsync(context, parse, parse.GetRequiredValue(replica), parse.GetValue(mode), cancelled));
        return verb;
    }

    private static async Task<VerbResult> RunAsync(VerbContext context, ParseResult parse, string replica, string? mode, CancellationToken cancelled)
    {
        var endpoint = context.Options.EndpointOf(parse);
        if (replica == List)
        {
            if (mode is not null) throw new UsageException("'fault list' stands alone. Write 'fault 2 lie' or 'fault 2 heal' for one replica.");
            var faults = await FaultsDocument.FetchAsync(endpoint, cancelled);
            context.Seen.Replicas = faults.Replicas.Length;
            return Describe(faults);
        }

        var id = IdOf(replica);
        switch (mode)
        {
            case null:
                throw new UsageException($"What is replica {id} to do wrong? Write 'fault {id} lie', or 'fault {id} heal'; 'fault list' names the modes.");
            case Heal:
                mode = null;
                break;
            case CensorMe:
                mode = $"censor:{(await context.ConnectAsync(parse, cancelled)).Id}";
                break;
        }

        return Describe(await FaultAnswer.SetAsync(endpoint, id, mode, ConsoleSession.ConfiguredToken(), cancelled));
    }

    /// <summary>How things are after one replica was told.</summary>
    internal static VerbResult Describe(FaultAnswer answer)
    {
        var text = answer.Mode is { } mode
            ? $"replica {answer.Replica} is faulty from now on: {VerbResult.Printable(mode)}"
            : $"replica {answer.Replica} is healed";
        return VerbResult.Done(
            $"{text}\n{Count(answer.Faulty, answer.Tolerated, answer.Warning)}", JsonSerializer.SerializeToNode(answer, FaultJson.Default.FaultAnswer)!.AsObject());
    }

    /// <summary>How things are with all.</summary>
    internal static VerbResult Describe(FaultsDocument faults)
    {
        var text = new StringBuilder();
        foreach (var replica in faults.Replicas)
        {
            var what = replica.Mode is { } mode ? $"{VerbResult.Printable(mode)}, acted {replica.Acts} times" : "correct";
            text.Append(CultureInfo.InvariantCulture, $"replica {replica.Replica}   {what}\n");
        }

        text.Append(Count(faults.Faulty, faults.Tolerated, faults.Warning));
        text.Append(CultureInfo.InvariantCulture, $"\nmodes: {VerbResult.Printable(string.Join(", ", faults.Modes))}");
        return VerbResult.Done(text.ToString(), JsonSerializer.SerializeToNode(faults, FaultJson.Default.FaultsDocument)!.AsObject());
    }

    private static string Count(int faulty, int tolerated, string? warning) =>
        $"  {faulty} faulty on purpose, {tolerated} tolerated" + (warning is null ? "" : $"\n  {VerbResult.Printable(warning)}");

    private static int IdOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return id;
        var question = Spelling.Nearest(text, [List]) is null ? "" : " Did you mean 'fault list'?";
        throw new UsageException(
            $"'{VerbResult.Printable(text)}' is no replica's id.{question} Write 'fault 2 lie', 'fault 2 heal', or 'fault list'.");
    }
}
