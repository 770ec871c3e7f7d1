namespace OrleansPbft.Journal.Storage;

/// <summary>An open file of a journal. Used by one thread at a time.</summary>
public interface IJournalFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads from <paramref name="offset"/> on.</summary>
    /// <returns>How many bytes were read: fewer than <paramref name="buffer"/> has room for only at the end of the file.</returns>
    /// <exception cref="IOException">The medium does not give them.</exception>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes at <paramref name="offset"/>, making the file longer where it ends before. Nothing is durable before <see cref="Flush"/>.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    /// <exception cref="IOException">The medium does not take them.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes everything written to this file so far durable.</summary>
    /// <exception cref="IOException">What was written may be lost, and a second try may wrongly succeed: the file must not be written to again.</exception>
    void Flush();
}
