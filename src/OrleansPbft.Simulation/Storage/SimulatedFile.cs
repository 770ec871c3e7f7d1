using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Simulation.Storage;

/// <summary>An open file of a <see cref="SimulatedStorage"/>; it goes on under whatever name the file has.</summary>
internal sealed class SimulatedFile(SimulatedStorage storage, SimulatedInode inode, string name) : IJournalFile
{
    public long Length => storage.LengthOf(inode);

    public int Read(long offset, Span<byte> buffer) => storage.Read(inode, offset, buffer);

    public void Write(long offset, ReadOnlySpan<byte> bytes) => storage.Write(inode, offset, bytes.ToArray());

    public void Flush() => storage.Flush(inode, name);

    public void Dispose()
    {
        // Nothing to release.
    }
}
