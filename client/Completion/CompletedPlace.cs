namespace OrleansPbft.ClientConsole.Completion;

/// <summary>A place in a command line at which a word is to be typed.</summary>
/// <param name="Verb">The verb before it, its words joined by dots; empty for the console itself.</param>
/// <param name="Name">Which place: an option's name, or the number of an argument, from 0.</param>
/// <param name="Kind">What is to be typed there.</param>
/// <param name="Words">The words that are known, where it is one of these.</param>
internal sealed record CompletedPlace(string Verb, string Name, CompletedKind Kind, IReadOnlyList<CompletedWord> Words)
{
    /// <summary>How scripts name the place.</summary>
    public string Key => $"{Verb}/{Name}";
}
