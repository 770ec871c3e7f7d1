namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>The lines typed so far, the oldest first; only the newest are kept, and the same line twice in a row is one.</summary>
internal sealed class LineHistory
{
    /// <summary>How many lines are kept.</summary>
    public const int LinesMax = 500;

    private readonly List<string> _lines = [];

    public int Count => _lines.Count;

    public string this[int index] => _lines[index];

    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (_lines.Count > 0 && _lines[^1] == line)) return;
        if (_lines.Count == LinesMax) _lines.RemoveAt(0);
        _lines.Add(line);
    }
}
