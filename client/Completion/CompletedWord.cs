namespace OrleansPbft.ClientConsole.Completion;

/// <summary>A word that can be typed.</summary>
/// <param name="Text">The word.</param>
/// <param name="Description">What it means, in a sentence without its full stop; empty where it says so itself.</param>
internal sealed record CompletedWord(string Text, string Description);
