namespace OrleansPbft.Journal.Storage;

/// <summary>A directory of the file system.</summary>
/// <param name="path">Its path; it is made when the first file is.</param>
public sealed class DirectoryStorage(string path) : IJournalStorage
{
    private const int NoSpaceLeft = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT on Linux
    private const int QuotaExceededMac = 69; // EDQUOT on macOS
    private const int DiskFullWindows = unchecked((int)0x80070070);
    private const int HandleDiskFullWindows = unchecked((int)0x80070027);

    /// <inheritdoc/>
    public string Name { get; } = Path.GetFullPath(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        if (!Directory.Exists(Name)) return [];
        var names = Directory.EnumerateFiles(Name).Select(static file => Path.GetFileName(file)).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public IJournalFile Create(string name)
    {
        MakeDirectory();
        return Attempt(() => DirectoryFile.Create(PathOf(name)));
    }

    /// <inheritdoc/>
    public IJournalFile Open(string name, bool toFlush = false) => DirectoryFile.Open(PathOf(name), toFlush);

    /// <inheritdoc/>
    public void Rename(string from, string to) => Attempt(() =>
    {
        File.Move(PathOf(from), PathOf(to), overwrite: true);
        return true;
    });

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(PathOf(name));

    /// <inheritdoc/>
    public void FlushDirectory() => PosixCalls.FlushDirectory(Name);

    /// <inheritdoc/>
    public IDisposable? TryLock(string name)
    {
        MakeDirectory();
        try
        {
            return new FileStream(PathOf(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException failure) when (failure.GetType() == typeof(IOException) && File.Exists(PathOf(name)))
        {
            return null; // a sharing violation is no type of its own
        }
    }

    /// <summary>Whether an operation failed for want of room.</summary>
    internal static bool IsFull(IOException failure) =>
        failure.HResult is DiskFullWindows or HandleDiskFullWindows
        || (!OperatingSystem.IsWindows() && failure.HResult is NoSpaceLeft or QuotaExceeded)
        || (OperatingSystem.IsMacOS() && failure.HResult == QuotaExceededMac);

    /// <summary>Does what may find no room.</summary>
    internal static T Attempt<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (IOException failure) when (IsFull(failure))
        {
            throw new StorageFullException(failure.Message, failure);
        }
    }

    private void MakeDirectory()
    {
        if (Directory.Exists(Name)) return;
        var parents = new Stack<string>();
        for (var at = Name; !Directory.Exists(at) && Path.GetDirectoryName(at) is { } parent; at = parent) parents.Push(parent);
        Attempt(() => OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(Name)
            : Directory.CreateDirectory(Name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        foreach (var parent in parents) PosixCalls.FlushDirectory(parent); // or it may be gone with all that is in it
    }

    private string PathOf(string name) => Path.Combine(Name, name);
}
