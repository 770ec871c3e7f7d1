namespace OrleansPbft.Journal.Storage;

/// <summary>One directory, as much of it as a journal needs: a real one (<see cref="DirectoryStorage"/>), or a simulated disk.</summary>
/// <remarks>
/// What it promises at a crash is what file systems promise, and no more: bytes are durable after <see cref="IJournalFile.Flush"/>, names after
/// <see cref="FlushDirectory"/>; anything not flushed may be there, lost, or there in part, in any order.
/// </remarks>
public interface IJournalStorage
{
    /// <summary>What it is called, for messages: the path of the directory.</summary>
    string Name { get; }

    /// <summary>The names of all files, in ordinal order; none where the directory does not exist.</summary>
    /// <exception cref="IOException">The directory can not be read.</exception>
    IReadOnlyList<string> List();

    /// <summary>Makes a new, empty file for writing, and the directory where there is none; a file of that name is replaced.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    /// <exception cref="IOException">It can not be made.</exception>
    IJournalFile Create(string name);

    /// <summary>Opens a file that exists, to read it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="toFlush">Whether to flush it, too: what an earlier life wrote and did not flush may be seen without being durable.</param>
    /// <exception cref="IOException">It can not be read.</exception>
    IJournalFile Open(string name, bool toFlush = false);

    /// <summary>Gives a file another name; one that has it already is replaced. Atomic, but not durable before <see cref="FlushDirectory"/>.</summary>
    /// <exception cref="IOException">It can not be renamed.</exception>
    void Rename(string from, string to);

    /// <summary>Removes a file; nothing where there is none.</summary>
    /// <exception cref="IOException">It can not be removed.</exception>
    void Delete(string name);

    /// <summary>Makes created, renamed and deleted names durable.</summary>
    /// <exception cref="IOException">They may be lost.</exception>
    void FlushDirectory();

    /// <summary>Takes a lock that lasts until it is disposed of, or its process ends however that happens; null where another holder has it.</summary>
    /// <exception cref="IOException">It can not be found out.</exception>
    IDisposable? TryLock(string name);
}
