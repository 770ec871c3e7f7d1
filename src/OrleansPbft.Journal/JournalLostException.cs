namespace OrleansPbft.Journal;

/// <summary>A replica that may have spoken has no journal any more: it could contradict its own votes (rule D-5).</summary>
/// <param name="message">Which, and what to do.</param>
public sealed class JournalLostException(string message) : JournalException(message);
