using System.Diagnostics.CodeAnalysis;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>A disk whose flushes of segments in use wait until a test lets them go on.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Without a wait handle there is nothing to release.")]
internal sealed class GatedStorage : IJournalStorage
{
    private readonly SimulatedStorage _storage = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _allowed = new(0);
    private volatile bool _isGated;

    public string Name => _storage.Name;

    public SimulatedStorage Storage => _storage;

    /// <summary>From here on every flush of a file waits.</summary>
    public void Close() => _isGated = true;

    /// <summary>No flush waits any more.</summary>
    public void Open()
    {
        _isGated = false;
        _allowed.Release(1000);
    }

    /// <summary>Complete when one more flush has begun.</summary>
    public Task Begun() => _begun.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets one flush end.</summary>
    public void AllowOne() => _allowed.Release();

    public IReadOnlyList<string> List() => _storage.List();

    public IJournalFile Create(string name) => new File(this, _storage.Create(name), name.StartsWith('0'));

    IJournalFile IJournalStorage.Open(string name, bool toFlush) => _storage.Open(name, toFlush);

    public void Rename(string from, string to) => _storage.Rename(from, to);

    public void Delete(string name) => _storage.Delete(name);

    public void FlushDirectory() => _storage.FlushDirectory();

    public IDisposable? TryLock(string name) => _storage.TryLock(name);

    private sealed class File(GatedStorage storage, IJournalFile file, bool isSegment) : IJournalFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

        public void Flush()
        {
            if (isSegment && storage._isGated)
            {
                storage._begun.Release();
                storage._allowed.Wait();
            }

            file.Flush();
        }

        public void Dispose() => file.Dispose();
    }
}
