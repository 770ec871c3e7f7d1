using System.Text;

namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>What became of a key that was pressed.</summary>
internal enum LineState
{
    /// <summary>The line is being edited.</summary>
    Editing,

    /// <summary>The line is complete.</summary>
    Complete,

    /// <summary>The line was given up.</summary>
    Abandoned,

    /// <summary>There will be no more lines.</summary>
    End,
}

/// <summary>One line while it is typed: keys change it, the history replaces it. It knows no terminal.</summary>
/// <param name="history">Earlier lines.</param>
/// <param name="words">What Tab completes the first word to.</param>
internal sealed class LineBuffer(LineHistory history, IReadOnlyList<string> words)
{
    private readonly StringBuilder _text = new();
    private string _draft = "";
    private int _place = history.Count; // in the history; Count is the line being written

    /// <summary>The line so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Where the next character goes.</summary>
    public int Cursor { get; private set; }

    /// <summary>Takes one key.</summary>
    public LineState Press(ConsoleKeyInfo key)
    {
        if ((key.Modifiers & ConsoleModifiers.Control) != 0) return PressWithControl(key.Key);
        switch (key.Key)
        {
            case ConsoleKey.Enter: return LineState.Complete;
            case ConsoleKey.Backspace when Cursor > 0: _text.Remove(--Cursor, 1); break;
            case ConsoleKey.Backspace: break;
            case ConsoleKey.Delete when Cursor < _text.Length: _text.Remove(Cursor, 1); break;
            case ConsoleKey.Delete: break;
            case ConsoleKey.LeftArrow: Cursor = Math.Max(0, Cursor - 1); break;
            case ConsoleKey.RightArrow: Cursor = Math.Min(_text.Length, Cursor + 1); break;
            case ConsoleKey.Home: Cursor = 0; break;
            case ConsoleKey.End: Cursor = _text.Length; break;
            case ConsoleKey.UpArrow: Recall(_place - 1); break;
            case ConsoleKey.DownArrow: Recall(_place + 1); break;
            case ConsoleKey.Tab: Complete(); break;
            case ConsoleKey.Escape: Replace(""); break;
            default:
                if (!char.IsControl(key.KeyChar)) _text.Insert(Cursor++, key.KeyChar);
                break;
        }

        return LineState.Editing;
    }

    private LineState PressWithControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.C: return LineState.Abandoned;
            case ConsoleKey.D when _text.Length == 0: return LineState.End;
            case ConsoleKey.D when Cursor < _text.Length: _text.Remove(Cursor, 1); break;
            case ConsoleKey.A: Cursor = 0; break;
            case ConsoleKey.E: Cursor = _text.Length; break;
            case ConsoleKey.U: _text.Remove(0, Cursor); Cursor = 0; break;
            case ConsoleKey.K: _text.Remove(Cursor, _text.Length - Cursor); break;
            case ConsoleKey.W: RemoveWord(); break;
            case ConsoleKey.P: Recall(_place - 1); break;
            case ConsoleKey.N: Recall(_place + 1); break;
            case ConsoleKey.J or ConsoleKey.M: return LineState.Complete;
            case ConsoleKey.H when Cursor > 0: _text.Remove(--Cursor, 1); break;
        }

        return LineState.Editing;
    }

    private void RemoveWord()
    {
        var start = Cursor;
        while (start > 0 && _text[start - 1] == ' ') start--;
        while (start > 0 && _text[start - 1] != ' ') start--;
        _text.Remove(start, Cursor - start);
        Cursor = start;
    }

    private void Recall(int place)
    {
        if (place < 0 || place > history.Count) return;
        if (_place == history.Count) _draft = Text;
        _place = place;
        Replace(place == history.Count ? _draft : history[place]);
    }

    private void Complete()
    {
        var typed = Text;
        if (Cursor != typed.Length || typed.Length == 0 || typed.Contains(' ', StringComparison.Ordinal)) return;
        var candidates = words.Where(word => word.StartsWith(typed, StringComparison.Ordinal)).ToArray();
        if (candidates.Length == 1) Replace(candidates[0] + " ");
    }

    private void Replace(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }
}
