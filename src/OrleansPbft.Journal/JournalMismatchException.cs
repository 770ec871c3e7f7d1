namespace OrleansPbft.Journal;

/// <summary>The directory holds the journal of another replica or cluster.</summary>
/// <param name="message">Which, and which was expected.</param>
public sealed class JournalMismatchException(string message) : JournalException(message);
