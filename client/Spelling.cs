namespace OrleansPbft.ClientConsole;

/// <summary>Guesses which word was meant.</summary>
internal static class Spelling
{
    // So much is looked at: nobody misspells more.
    private const int LengthMax = 64;

    /// <summary>A question to put behind a sentence, with a space before it; empty where no known word is near.</summary>
    public static string Question(string written, IEnumerable<string> known) => Nearest(written, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";

    /// <summary>The known word that is nearest to a written one, if it is near; never that word itself.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > LengthMax) return null;
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var word in known)
        {
            if (word.Length > LengthMax || word == written) continue;
            var distance = Distance(word, written);
            if (distance > 1 + (word.Length / 4) || distance >= Math.Min(written.Length, word.Length) || distance >= least) continue;
            (nearest, least) = (word, distance);
        }

        return nearest;
    }

    /// <summary>How many letters must be put in, taken out, changed, or swapped with their neighbour to make one of the other; capitals are no difference.</summary>
    internal static int Distance(string left, string right)
    {
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) distances[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) distances[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = distances[i - 1, j - 1] + (IsSame(left[i - 1], right[j - 1]) ? 0 : 1);
                var least = Math.Min(changed, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
                var isSwapped = i > 1 && j > 1 && IsSame(left[i - 1], right[j - 2]) && IsSame(left[i - 2], right[j - 1]);
                distances[i, j] = isSwapped ? Math.Min(least, distances[i - 2, j - 2] + 1) : least;
            }
        }

        return distances[left.Length, right.Length];
    }

    private static bool IsSame(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
