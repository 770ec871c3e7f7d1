namespace OrleansPbft.Journal;

/// <summary>Another process has the journal: one journal has one owner (rule D-4).</summary>
/// <param name="directory">The journal's directory.</param>
/// <param name="holder">Who has it, in words.</param>
public sealed class JournalInUseException(string directory, string holder) : JournalException(
    $"The journal in {directory} is in use by {holder}. One journal has one owner, or its replica would speak with two tongues: stop that process first, "
    + "or give this one another directory.")
{
    /// <summary>Who has it, in words.</summary>
    public string Holder { get; } = holder;
}
