namespace OrleansPbft.Journal;

/// <summary>The directory of a journal can not be made, or not be used.</summary>
/// <param name="directory">The directory.</param>
/// <param name="cause">What the operating system said.</param>
public sealed class JournalAccessException(string directory, Exception cause) : JournalException(
    $"The journal's directory {directory} can not be used: {cause.Message.TrimEnd('.')}. Let the silo's user write there, or set JournalDirectory to another directory.", cause);
