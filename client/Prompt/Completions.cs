namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>What the word that is being typed can become.</summary>
/// <param name="Start">Where in the line that word begins.</param>
/// <param name="Words">What it can become, in order; none where nothing is known.</param>
internal sealed record Completions(int Start, IReadOnlyList<string> Words)
{
    /// <summary>What all of them begin with, at least what is typed already.</summary>
    public string CommonBeginning => Words.Count == 0 ? "" : Words.Aggregate(static (common, word) =>
    {
        var length = 0;
        while (length < common.Length && length < word.Length && common[length] == word[length]) length++;
        return common[..length];
    });
}
