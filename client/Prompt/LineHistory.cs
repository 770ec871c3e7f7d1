namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>The lines typed so far, the oldest first; only the newest are kept, and the same line twice in a row is one.</summary>
internal sealed class LineHistory
{
    /// <summary>How many lines are kept.</summary>
    public const int LinesMax = 500;

    private readonly List<string> _lines = [];

    public int Count => _lines.Count;

    public string this[int index] => _lines[index];

    /// <summary>Adds a line, where there is something new in it.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (_lines.Count > 0 && _lines[^1] == line)) return false;
        if (_lines.Count == LinesMax) _lines.RemoveAt(0);
        _lines.Add(line);
        return true;
    }
}
