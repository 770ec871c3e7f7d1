namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>A search for an earlier line, from the newest back, while it is typed what to search for.</summary>
/// <param name="history">The lines.</param>
internal sealed class LineSearch(LineHistory history)
{
    private int _place = history.Count; // of the line that was found; Count where none was

    /// <summary>What is searched for.</summary>
    public string Pattern { get; private set; } = "";

    /// <summary>The line that was found; null where nothing was looked for yet.</summary>
    public string? Found => _place < history.Count ? history[_place] : null;

    /// <summary>Whether the pattern is in no line at all, or in none that is older.</summary>
    public bool Fails { get; private set; }

    /// <summary>Searches for one letter more: in the line that was found, or an older one.</summary>
    public void Type(char letter)
    {
        Pattern += letter;
        Seek(Math.Min(_place, history.Count - 1));
    }

    /// <summary>Searches for one letter less, from the newest line again.</summary>
    public void Erase()
    {
        if (Pattern.Length > 0) Pattern = Pattern[..^1];
        Fails = false;
        _place = history.Count;
        if (Pattern.Length > 0) Seek(history.Count - 1);
    }

    /// <summary>Searches on, in older lines.</summary>
    public void Older()
    {
        if (Pattern.Length > 0) Seek(_place - 1);
    }

    private void Seek(int from)
    {
        for (var i = from; i >= 0; i--)
        {
            if (!history[i].Contains(Pattern, StringComparison.OrdinalIgnoreCase)) continue;
            _place = i;
            Fails = false;
            return;
        }

        Fails = true;
    }
}
