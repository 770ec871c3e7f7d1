namespace OrleansPbft.Journal;

/// <summary>A replica that has a journal was to speak without it: a later start from that journal would contradict what it said meanwhile (rule D-3).</summary>
/// <param name="message">Which, and what to do.</param>
public sealed class JournalPassedOverException(string message) : JournalException(message);
