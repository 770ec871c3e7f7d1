using System.CommandLine;
using System.CommandLine.Invocation;
using OrleansPbft.ClientConsole.Prompt;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole;

/// <summary>The console: verbs on the command line run once, without one there is a prompt for the same verbs.</summary>
internal sealed class ConsoleProgram
{
    // Without the default's @file: a value that begins with @ is that value, and no file's content.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    private readonly ConsoleIo _io;
    private readonly GlobalOptions _options;
    private readonly RootCommand _root;
    private bool _isPrompting;

    private ConsoleProgram(ConsoleSession session, ConsoleIo io)
    {
        _io = io;
        var context = new VerbContext(session, io);
        _options = context.Options;
        _root = CreateRoot(context);
        _root.SetAction(OpenPromptAsync);
    }

    /// <summary>The console's command with all verbs. By itself it does nothing yet.</summary>
    internal static RootCommand CreateRoot(VerbContext context)
    {
        var root = new RootCommand("A client of an OrleansPbft cluster. Without a verb it opens a prompt.\n\n"
            + "exit codes: 0 done, 1 failure, 2 usage, 3 not found, 4 conflict, 5 no quorum in time, 6 busy")
        {
            context.Options.Json,
            context.Options.Endpoint,
            context.Options.Config,
            context.Options.Timeout,
        };
        foreach (var verb in StoreVerbs.Create(context)) root.Add(verb);
        root.Add(SubmitVerb.Create(context));
        root.Add(StatusVerb.Create(context));
        root.Add(TraceVerb.Create(context));
        root.Add(EventsVerb.Create(context));
        root.Add(PhasesVerb.Create(context));
        root.Add(FaultVerb.Create(context));
        root.Add(BenchVerb.Create(context));
        root.Add(SimulateVerb.Create(context));
        root.Add(CostVerb.Create(context));
        root.Add(DemoVerb.Create(context));
        root.Add(KeysVerb.Create(context));
        root.Add(JournalVerb.Create(context));
        root.Add(CompletionVerb.Create(context, root));
        return root;
    }

    /// <summary>Runs the console.</summary>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ConsoleIo io)
    {
        using var telemetry = ConsoleTelemetry.Start(io.Errors);
        await using var session = new ConsoleSession(io.Errors);
        return await new ConsoleProgram(session, io).InvokeAsync(arguments, isLine: false, CancellationToken.None);
    }

    private Task<int> OpenPromptAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        if (_isPrompting) return Task.FromResult(ExitCode.Done); // nothing but options: there is a prompt already
        _isPrompting = true;
        _options.Inherit(parse);
        return new CommandPrompt(_io, RunLineAsync, new LineCompleter(_root, CommandPrompt.Words).Complete).RunAsync(cancellationToken);
    }

    /// <summary>Runs one line of the prompt: a verb and its arguments, the same as on the command line.</summary>
    private async Task<int> RunLineAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await InvokeAsync(arguments is ["help", ..] ? [.. arguments.Skip(1), "--help"] : arguments, isLine: true, cancellationToken);

    private async Task<int> InvokeAsync(IReadOnlyList<string> arguments, bool isLine, CancellationToken cancellationToken)
    {
        var parse = _root.Parse(arguments, Parser);
        var command = parse.CommandResult.Command;
        if (parse.Action is ParseErrorAction)
        {
            var advice = command == _root ? "--help names the verbs." : $"'{command.Name} --help' explains the verb.";
            var wrong = VerbResult.Error(ExitCode.Usage, "usage", string.Join('\n', [.. parse.Errors.Select(error => error.Message + Suggest(error.Message, command)), advice]));
            await wrong.WriteAsync(_io, _options.IsJson(parse));
            return wrong.ExitCode;
        }

        return await parse.InvokeAsync(
            new()
            {
                Output = _io.Output,
                Error = _io.Errors,
                EnableDefaultExceptionHandler = false,
                // A signal stops a verb in good order; at the prompt it stops the line, which is the prompt's own business.
                ProcessTerminationTimeout = !isLine && command != _root ? TimeSpan.FromSeconds(5) : null,
            },
            cancellationToken);
    }

    /// <summary>Which verb or option may have been meant by the word that an error quotes; empty where none is near.</summary>
    private string Suggest(string error, Command verb)
    {
        if (error.Split('\'') is not [_, var word, ..]) return "";
        return Spelling.Question(
            word,
            word.StartsWith('-')
                ? LineCompleter.OptionsOf(_root, verb).Select(static option => option.Name)
                : verb.Subcommands.Select(static sub => sub.Name));
    }
}
