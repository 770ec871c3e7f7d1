using OrleansPbft.ClientConsole.Prompt;

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
        WritesTerminal = !Console.IsOutputRedirected,
        ReportsToTerminal = !Console.IsErrorRedirected,
        WantsColour = IsColourWanted(Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM")),
        CanRedraw = !Console.IsOutputRedirected && !IsDumb(Environment.GetEnvironmentVariable("TERM")),
        Width = static () => Console.WindowWidth,
        HistoryPath = HistoryFile.DefaultPath(Environment.GetEnvironmentVariable),
        InputBytes = Console.OpenStandardInput,
        OutputBytes = Console.OpenStandardOutput,
        EnterAsync = WaitForEnterAsync,
    };

    /// <summary>Whether a person types, and sees what is typed.</summary>
    public bool ReadsTerminal { get; init; }

    /// <summary>Whether answers are read on a terminal: then tables have rules.</summary>
    public bool WritesTerminal { get; init; }

    /// <summary>Whether a person sees progress.</summary>
    public bool ReportsToTerminal { get; init; }

    /// <summary>Whether whoever looks at a terminal wants colours on it, as NO_COLOR and TERM say.</summary>
    public bool WantsColour { get; init; }

    /// <summary>Whether what was written to standard output can be written over.</summary>
    public bool CanRedraw { get; init; }

    /// <summary>Whether answers are coloured.</summary>
    public bool HasColour => WritesTerminal && WantsColour;

    /// <summary>How many columns the terminal has, now.</summary>
    public Func<int> Width { get; init; } = static () => 80;

    /// <summary>The clock that verbs wait by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the lines that are typed at the prompt are kept; null for nowhere.</summary>
    public string? HistoryPath { get; init; }

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> InputBytes { get; init; } = static () => Stream.Null;

    /// <summary>Standard output as bytes.</summary>
    public Func<Stream> OutputBytes { get; init; } = static () => Stream.Null;

    /// <summary>Waits until whoever types presses Enter; at once where nobody types.</summary>
    public Func<CancellationToken, Task> EnterAsync { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Whether colours are wanted (https://no-color.org): not where NO_COLOR says anything, nor on a terminal that knows none.</summary>
    internal static bool IsColourWanted(string? noColour, string? terminal) => string.IsNullOrEmpty(noColour) && !IsDumb(terminal);

    private static bool IsDumb(string? terminal) => terminal == "dumb";

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
