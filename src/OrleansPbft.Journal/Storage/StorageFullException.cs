namespace OrleansPbft.Journal.Storage;

/// <summary>The medium has no room for what was to be written. Some of it may have been; whoever writes the same again at the same place later, loses nothing.</summary>
public sealed class StorageFullException : IOException
{
    /// <summary>Makes one.</summary>
    public StorageFullException()
        : this("There is no room on the medium.")
    {
    }

    /// <summary>Makes one with a message.</summary>
    public StorageFullException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and its cause.</summary>
    public StorageFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
