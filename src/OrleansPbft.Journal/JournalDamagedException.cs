namespace OrleansPbft.Journal;

/// <summary>What was durable is not there any more, or is not what it was: the replica must not start from it (rule D-2).</summary>
/// <param name="file">The file, with its path.</param>
/// <param name="offset">Where in it, in bytes.</param>
/// <param name="problem">What is wrong there, as the end of a sentence.</param>
public sealed class JournalDamagedException(string file, long offset, string problem) : JournalException(
    $"The journal is damaged in {file} at byte {offset}: {problem}. No record was changed. Restore the directory from before the damage only if this replica has not "
    + "spoken since; otherwise move it away and start with an empty one, so that the replica learns its state from the others and does not contradict its own votes.")
{
    /// <summary>The file, with its path.</summary>
    public string File { get; } = file;

    /// <summary>Where in it, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong there.</summary>
    public string Problem { get; } = problem;
}
