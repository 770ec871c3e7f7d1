namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>Reads lines and runs each as a verb with its arguments: with history and editing where a person types, plainly otherwise.</summary>
/// <param name="io">Where lines come from.</param>
/// <param name="run">Runs one line's words, and returns its exit code.</param>
/// <param name="complete">What the word at the end of a text can become.</param>
internal sealed class CommandPrompt(ConsoleIo io, Func<IReadOnlyList<string>, CancellationToken, Task<int>> run, Func<string, Completions> complete)
{
    /// <summary>What can stand alone at the prompt and is no verb.</summary>
    public static readonly IReadOnlyList<string> Words = ["help", "exit"];

    private const string Sign = "pbft> ";

    /// <summary>Runs until the input ends, or somebody says exit.</summary>
    /// <returns>The exit code of the first line that failed; a person who types was told each, and always ends with 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (io.ReadsTerminal)
        {
            await io.Output.WriteLineAsync(
                "'help' names the verbs, 'help VERB' explains one; Tab completes, Ctrl-R searches earlier lines; Ctrl-D or 'exit' leaves.");
        }

        var terminal = io.ReadsTerminal ? new TerminalLineReader(Sign, new(io.HistoryPath, io.Errors), complete) : null;
        var first = ExitCode.Done;
        while (!cancellationToken.IsCancellationRequested)
        {
            var line = terminal is null ? await io.Input.ReadLineAsync(cancellationToken) : terminal.ReadLine();
            if (line is null) break;
            if (line.AsSpan().TrimStart() is [] or ['#', ..]) continue;
            if (!LineWords.TrySplit(line, out var words, out var problem)) await io.Errors.WriteLineAsync(problem);
            if (words is ["exit"] or ["quit"]) break;
            var code = problem is null ? await RunInterruptiblyAsync(words, cancellationToken) : ExitCode.Usage;
            if (first == ExitCode.Done) first = code;
        }

        return terminal is null ? first : ExitCode.Done;
    }

    /// <summary>Runs a line; Ctrl-C ends that line, and not the prompt.</summary>
    private async Task<int> RunInterruptiblyAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!io.ReadsTerminal) return await run(words, cancellationToken);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void OnInterrupt(object? sender, ConsoleCancelEventArgs pressed)
        {
            pressed.Cancel = true;
            interrupted.Cancel();
        }

        Console.CancelKeyPress += OnInterrupt;
        try
        {
            return await run(words, interrupted.Token);
        }
        finally
        {
            Console.CancelKeyPress -= OnInterrupt;
        }
    }
}
