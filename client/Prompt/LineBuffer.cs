using System.Text;

namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>One line while it is typed: keys change it, the history replaces it. It knows no terminal.</summary>
/// <param name="history">Earlier lines.</param>
/// <param name="complete">What the word at the end of a text can become.</param>
internal sealed class LineBuffer(LineHistory history, Func<string, Completions> complete)
{
    private readonly StringBuilder _text = new();
    private string _draft = "";
    private int _place = history.Count; // in the history; Count is the line being written

    /// <summary>The line so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Where the next character goes.</summary>
    public int Cursor { get; private set; }

    /// <summary>What the word can become where Tab did not decide it; to be shown once, and empty after any other key.</summary>
    public IReadOnlyList<string> Candidates { get; private set; } = [];

    /// <summary>The search that is under way; null where none is.</summary>
    public LineSearch? Search { get; private set; }

    /// <summary>Takes one key.</summary>
    public LineState Press(ConsoleKeyInfo key)
    {
        Candidates = [];
        if (Search is { } search && PressInSearch(search, key) is { } state) return state;
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
            case ConsoleKey.R: Search = new(history); break;
            case ConsoleKey.J or ConsoleKey.M: return LineState.Complete;
            case ConsoleKey.I: Complete(); break;
            case ConsoleKey.H when Cursor > 0: _text.Remove(--Cursor, 1); break;
        }

        return LineState.Editing;
    }

    /// <summary>A key while an earlier line is searched for; null where it ends the search and is for the line that was found.</summary>
    private LineState? PressInSearch(LineSearch search, ConsoleKeyInfo key)
    {
        var hasControl = (key.Modifiers & ConsoleModifiers.Control) != 0;
        if (hasControl && key.Key == ConsoleKey.R)
        {
            search.Older();
        }
        else if (key.Key == ConsoleKey.Backspace || (hasControl && key.Key == ConsoleKey.H))
        {
            search.Erase();
        }
        else if (!hasControl && !char.IsControl(key.KeyChar))
        {
            search.Type(key.KeyChar);
        }
        else
        {
            Search = null;
            var isGivenUp = key.Key == ConsoleKey.Escape || (hasControl && key.Key is ConsoleKey.C or ConsoleKey.G);
            if (!isGivenUp && search.Found is { } found) Replace(found);
            return isGivenUp ? LineState.Editing : null;
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

    /// <summary>Completes the word before the cursor as far as it is decided; what is left to choose from are the candidates.</summary>
    private void Complete()
    {
        var before = Text[..Cursor];
        var completions = complete(before);
        if (completions.Words.Count == 0) return;
        var typed = before[completions.Start..];
        if (completions.Words is [var only])
        {
            // What ends so wants more behind it.
            Insert(completions.Start, LineWords.Quoted(only) + (only[^1] is ':' or '=' or '/' ? "" : " "));
            return;
        }

        var common = completions.CommonBeginning;
        if (common.Length > typed.Length && LineWords.Quoted(common) == common) Insert(completions.Start, common);
        else Candidates = completions.Words;
    }

    private void Insert(int start, string word)
    {
        _text.Remove(start, Cursor - start).Insert(start, word);
        Cursor = start + word.Length;
    }

    private void Replace(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }
}
