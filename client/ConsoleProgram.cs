using System.CommandLine;
using System.CommandLine.Invocation;
using OrleansPbft.ClientConsole.Prompt;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole;

/// <summary>The console: verbs on the command line run once, without one there is a prompt for the same verbs.</summary>
internal sealed class ConsoleProgram
{
    private readonly ConsoleIo _io;
    private readonly RootCommand _root;

    private ConsoleProgram(ConsoleSession session, ConsoleIo io)
    {
        _io = io;
        var context = new VerbContext(session, io);
        _root = new("A client of an OrleansPbft cluster. Without a verb it opens a prompt.\n\nexit codes: 0 done, 1 failure, 2 usage, 3 not found, 4 conflict, 5 no quorum in time, 6 busy")
        {
            context.Options.Json,
            context.Options.Endpoint,
            context.Options.Timeout,
        };
        foreach (var verb in StoreVerbs.Create(context)) _root.Add(verb);
        _root.Add(SubmitVerb.Create(context));
        _root.Add(StatusVerb.Create(context));
        _root.Add(BenchVerb.Create(context));
        _root.SetAction((_, cancelled) => new CommandPrompt(io, RunLineAsync, [.. _root.Subcommands.Select(static verb => verb.Name)]).RunAsync(cancelled));
    }

    /// <summary>Runs the console.</summary>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ConsoleIo io)
    {
        await using var session = new ConsoleSession(io.Errors);
        return await new ConsoleProgram(session, io).InvokeAsync(arguments, endsOnSignal: arguments.Count > 0, CancellationToken.None);
    }

    /// <summary>Runs one line of the prompt: a verb and its arguments, the same as on the command line.</summary>
    private async Task<int> RunLineAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await InvokeAsync(arguments is ["help", ..] ? [.. arguments.Skip(1), "--help"] : arguments, endsOnSignal: false, cancellationToken);

    private async Task<int> InvokeAsync(IReadOnlyList<string> arguments, bool endsOnSignal, CancellationToken cancellationToken)
    {
        var parse = _root.Parse(arguments);
        if (parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors) await _io.Errors.WriteLineAsync(error.Message);
            var verb = parse.CommandResult.Command;
            await _io.Errors.WriteLineAsync(verb == _root ? "--help names the verbs." : $"'{verb.Name} --help' explains the verb.");
            return ExitCode.Usage;
        }

        return await parse.InvokeAsync(
            new()
            {
                Output = _io.Output,
                Error = _io.Errors,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = endsOnSignal ? TimeSpan.FromSeconds(5) : null,
            },
            cancellationToken);
    }
}
