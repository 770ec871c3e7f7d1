namespace OrleansPbft.Journal;

/// <summary>Something could not be made durable, and it can not be known what was: this replica must not speak any more in this process.</summary>
/// <remarks>A failed flush is never tried again: the operating system may have dropped what it could not write, and would call the second try a success.</remarks>
/// <param name="directory">The journal's directory.</param>
/// <param name="innerException">What failed.</param>
public sealed class JournalFailedException(string directory, Exception innerException) : JournalException(
    $"The journal in {directory} failed: {innerException.Message} The replica has stopped voting. Look after the medium, then restart the process: it goes on "
    + "from what is durable.",
    innerException);
