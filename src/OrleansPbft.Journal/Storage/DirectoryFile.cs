using Microsoft.Win32.SafeHandles;

namespace OrleansPbft.Journal.Storage;

/// <summary>A file of a <see cref="DirectoryStorage"/>.</summary>
internal sealed class DirectoryFile : IJournalFile
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private bool _hasGrown = true; // since the last flush: the length must be made durable too

    private DirectoryFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
        Length = RandomAccess.GetLength(handle);
    }

    public long Length { get; private set; }

    public static IJournalFile Create(string path) =>
        new DirectoryFile(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete), path);

    public static IJournalFile Open(string path, bool toFlush) => new DirectoryFile(
        File.OpenHandle(path, FileMode.Open, toFlush ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path);

    public int Read(long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0) break;
            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException failure) when (DirectoryStorage.IsFull(failure))
        {
            throw new StorageFullException(failure.Message, failure);
        }

        if (offset + bytes.Length <= Length) return;
        Length = offset + bytes.Length;
        _hasGrown = true;
    }

    public void Flush()
    {
        // In a file that has its length and its blocks already, the data is all there is to flush: several times faster than flushing its times as well.
        if (OperatingSystem.IsLinux() && !_hasGrown) PosixCalls.FlushData(_handle, _path);
        else RandomAccess.FlushToDisk(_handle);
        _hasGrown = false;
    }

    public void Dispose() => _handle.Dispose();
}
