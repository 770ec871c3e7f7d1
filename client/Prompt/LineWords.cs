using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>Takes a line of the prompt apart into the words that a shell would pass on.</summary>
internal static class LineWords
{
    /// <summary>Takes a line apart. Words end at white space; "..." and '...' keep it, and an empty pair is an empty word. Within "..."
    /// a backslash takes a quote or a backslash as it is; elsewhere it is a character like any other.</summary>
    /// <param name="line">The line.</param>
    /// <param name="words">The words; none in an empty line.</param>
    /// <param name="problem">One sentence, when a quote is left open: what was to follow is not known, so nothing of the line may run.</param>
    public static bool TrySplit(string line, out IReadOnlyList<string> words, [NotNullWhen(false)] out string? problem)
    {
        var found = Cut(line, out var quote);
        words = quote == '\0' ? [.. found.Select(static word => word.Text)] : [];
        problem = quote == '\0' ? null : $"A quote ({quote}) is not closed. Nothing was sent.";
        return problem is null;
    }

    /// <summary>Takes apart what is before the cursor while a line is typed.</summary>
    /// <param name="line">What is before the cursor.</param>
    /// <param name="typed">The beginning of the word at the cursor; empty where none is begun.</param>
    /// <param name="start">Where in the line that word begins.</param>
    /// <returns>The words before it.</returns>
    public static IReadOnlyList<string> Before(string line, out string typed, out int start)
    {
        var found = Cut(line, out var quote);
        var isInWord = found.Count > 0 && (quote != '\0' || !char.IsWhiteSpace(line[^1]) || found[^1].End == line.Length);
        (typed, start) = isInWord ? (found[^1].Text, found[^1].Start) : ("", line.Length);
        return [.. found.Take(found.Count - (isInWord ? 1 : 0)).Select(static word => word.Text)];
    }

    /// <summary>A word as it is to be typed, so that it is one.</summary>
    public static string Quoted(string word) => word.Length > 0 && !word.Any(static c => char.IsWhiteSpace(c) || c is '"' or '\'')
        ? word
        : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static List<(string Text, int Start, int End)> Cut(string line, out char quote)
    {
        var found = new List<(string Text, int Start, int End)>();
        var word = new StringBuilder();
        var start = -1; // of the word; -1 between words
        quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (start >= 0) found.Add((word.ToString(), start, i));
                word.Clear();
                start = -1;
                continue;
            }

            if (start < 0) start = i;
            if (quote == '\0' && c is '"' or '\'') quote = c;
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '"' && c == '\\' && i + 1 < line.Length && line[i + 1] is '"' or '\\') word.Append(line[++i]);
            else word.Append(c);
        }

        if (start >= 0) found.Add((word.ToString(), start, line.Length));
        return found;
    }
}
