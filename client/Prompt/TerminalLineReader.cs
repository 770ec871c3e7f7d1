namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>Shows a line on the terminal while it is typed.</summary>
internal sealed class TerminalLineReader(string sign, IReadOnlyList<string> words)
{
    private const string ClearToEnd = "\e[K";

    private readonly LineHistory _history = new();

    /// <summary>Reads one line; null when there will be no more.</summary>
    public string? ReadLine()
    {
        var line = new LineBuffer(_history, words);
        var controlC = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true; // it gives up the line, not the console
        try
        {
            while (true)
            {
                Show(line);
                switch (line.Press(Console.ReadKey(intercept: true)))
                {
                    case LineState.Complete:
                        Show(line);
                        Console.WriteLine();
                        _history.Add(line.Text);
                        return line.Text;
                    case LineState.Abandoned:
                        Console.WriteLine("^C");
                        return "";
                    case LineState.End:
                        Console.WriteLine();
                        return null;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = controlC;
        }
    }

    private void Show(LineBuffer line)
    {
        // A long line scrolls sideways, so that it always takes one row.
        var width = Math.Max(10, Console.WindowWidth - sign.Length - 1);
        var start = Math.Max(0, line.Cursor - width);
        var shown = line.Text.AsSpan(start, Math.Min(width, line.Text.Length - start));
        Console.Write($"\r{sign}{shown}{ClearToEnd}\r\e[{sign.Length + line.Cursor - start}C");
    }
}
