namespace OrleansPbft.Journal;

/// <summary>There is no room for what is to be made durable. It is kept in memory; a flush that succeeds later makes all of it durable.</summary>
/// <param name="directory">The journal's directory.</param>
/// <param name="innerException">What the medium said.</param>
public sealed class JournalOutOfSpaceException(string directory, Exception innerException) : JournalException(
    $"The journal in {directory} has no room: {innerException.Message} Its replica is silent until there is some; it goes on by itself then.", innerException);
