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
        var found = new List<string>();
        var word = new StringBuilder();
        var isInWord = false;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isInWord) found.Add(word.ToString());
                word.Clear();
                isInWord = false;
                continue;
            }

            isInWord = true;
            if (quote == '\0' && c is '"' or '\'') quote = c;
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '"' && c == '\\' && i + 1 < line.Length && line[i + 1] is '"' or '\\') word.Append(line[++i]);
            else word.Append(c);
        }

        if (isInWord) found.Add(word.ToString());
        words = quote == '\0' ? found : [];
        problem = quote == '\0' ? null : $"A quote ({quote}) is not closed. Nothing was sent.";
        return problem is null;
    }
}
