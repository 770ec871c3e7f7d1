namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>Shows a line on the terminal while it is typed.</summary>
/// <param name="sign">What stands before the line.</param>
/// <param name="file">Where lines are kept.</param>
/// <param name="complete">What the word at the end of a text can become.</param>
internal sealed class TerminalLineReader(string sign, HistoryFile file, Func<string, Completions> complete)
{
    /// <summary>As many candidates as are shown; the rest are counted.</summary>
    private const int CandidatesMax = 60;

    private const string ClearToEnd = "\e[K";

    private readonly LineHistory _history = file.Load();

    /// <summary>Reads one line; null when there will be no more.</summary>
    public string? ReadLine()
    {
        var line = new LineBuffer(_history, complete);
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
                        if (_history.Add(line.Text.TrimEnd())) file.Append(line.Text.TrimEnd());
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
        if (line.Candidates.Count > 0) ShowCandidates(line.Candidates);
        if (line.Search is { } search)
        {
            Show($"{(search.Fails ? "no line with" : "line with")} '{search.Pattern}': ", search.Found ?? "", 0);
            return;
        }

        Show(sign, line.Text, line.Cursor);
    }

    private static void Show(string sign, string text, int cursor)
    {
        // A long line scrolls sideways, so that it always takes one row.
        var width = Math.Max(10, Console.WindowWidth - sign.Length - 1);
        var start = Math.Max(0, cursor - width);
        var shown = VerbResult.Printable(text[start..Math.Min(text.Length, start + width)]);
        Console.Write($"\r{sign}{shown}{ClearToEnd}\r\e[{sign.Length + cursor - start}C");
    }

    /// <summary>In columns below the line, which is then shown again.</summary>
    private static void ShowCandidates(IReadOnlyList<string> candidates)
    {
        var shown = candidates.Take(CandidatesMax).Select(VerbResult.Printable).ToArray();
        var width = shown.Max(static word => word.Length) + 2;
        var inRow = Math.Max(1, (Console.WindowWidth - 1) / width);
        Console.WriteLine();
        foreach (var row in shown.Chunk(inRow)) Console.WriteLine(string.Concat(row.Select(word => word.PadRight(width))).TrimEnd());
        if (candidates.Count > shown.Length) Console.WriteLine($"... and {candidates.Count - shown.Length} more");
    }
}
