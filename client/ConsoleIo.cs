namespace OrleansPbft.ClientConsole;

/// <summary>What the console reads from and writes to.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output: answers.</param>
/// <param name="Errors">Standard error: what went wrong, and progress.</param>
internal sealed record ConsoleIo(TextReader Input, TextWriter Output, TextWriter Errors)
{
    /// <summary>The process's own.</summary>
    public static ConsoleIo System => new(Console.In, Console.Out, Console.Error)
    {
        ReadsTerminal = !Console.IsInputRedirected && !Console.IsOutputRedirected,
        ReportsToTerminal = !Console.IsErrorRedirected,
        InputBytes = Console.OpenStandardInput,
        OutputBytes = Console.OpenStandardOutput,
        EnterAsync = WaitForEnterAsync,
    };

    /// <summary>Whether a person types, and sees what is typed.</summary>
    public bool ReadsTerminal { get; init; }

    /// <summary>Whether a person sees progress.</summary>
    public bool ReportsToTerminal { get; init; }

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> InputBytes { get; init; } = static () => Stream.Null;

    /// <summary>Standard output as bytes.</summary>
    public Func<Stream> OutputBytes { get; init; } = static () => Stream.Null;

    /// <summary>Waits until whoever types presses Enter; at once where nobody types.</summary>
    public Func<CancellationToken, Task> EnterAsync { get; init; } = static _ => Task.CompletedTask;

    private static async Task WaitForEnterAsync(CancellationToken cancellationToken)
    {
        // Not a read: that could not be given up, and would take the line that is typed next.
        while (true)
        {
            while (!Console.KeyAvailable) await Task.Delay(50, cancellationToken);
            if (Console.ReadKey(intercept: true).Key == ConsoleKey.Enter) return;
        }
    }
}
