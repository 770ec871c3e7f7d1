using System.Runtime.InteropServices;

namespace OrleansPbft.Journal.Storage;

/// <summary>The two calls that the base library does not offer and a journal needs.</summary>
internal static partial class PosixCalls
{
    /// <summary>Makes the names in a directory durable. The base library opens no directories.</summary>
    /// <remarks>On Windows there is no such call: NTFS writes changes of names to its own log in their order, and a journal needs no more than that order.</remarks>
    /// <exception cref="IOException">It failed.</exception>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(path, 0); // O_RDONLY
        if (descriptor < 0) throw Failure(path, "open");
        try
        {
            if (FlushAll(descriptor) != 0) throw Failure(path, "flush");
        }
        finally
        {
            _ = Close(descriptor); // nothing was written through it
        }
    }

    /// <summary>Makes a file's bytes durable, and of its attributes only what reading them needs: its times change with every write.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void FlushData(SafeHandle file, string path)
    {
        if (FlushData(file) != 0) throw Failure(path, "flush");
    }

    private static IOException Failure(string path, string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"Could not {call} '{path}': {Marshal.GetPInvokeErrorMessage(error)} ({error}).");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushAll(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FlushData(SafeHandle descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
