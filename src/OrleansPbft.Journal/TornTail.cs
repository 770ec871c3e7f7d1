namespace OrleansPbft.Journal;

/// <summary>What a crash left unfinished at the end of a journal, and was cut off: nothing of it had been confirmed (rule D-2).</summary>
/// <param name="File">The file, with its path.</param>
/// <param name="Offset">Where in it the cut is, in bytes.</param>
/// <param name="Record">The number of the first record that was cut off.</param>
public sealed record TornTail(string File, long Offset, long Record);
