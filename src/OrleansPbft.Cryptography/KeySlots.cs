namespace OrleansPbft.Cryptography;

/// <summary>A few imported copies of one key. A copy serves one thread at a time: the instance members of what .NET makes of keys are not documented as thread-safe.</summary>
/// <remarks>One more copy is imported, and disposed again, when all that are kept are out. No locks.</remarks>
/// <param name="import">Makes a copy.</param>
/// <param name="kept">How many copies are kept.</param>
internal sealed class KeySlots<TKey>(Func<TKey> import, int kept) : IDisposable
    where TKey : class, IDisposable
{
    private readonly TKey?[] _idle = new TKey?[kept];
    private volatile bool _disposed;

    /// <summary>Takes a copy that no other thread has.</summary>
    public TKey Take()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } key) return key;
        }

        return import();
    }

    /// <summary>Gives a copy back.</summary>
    public void Return(TKey key)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null || Interlocked.CompareExchange(ref _idle[i], key, null) is not null) continue;
            if (_disposed) DisposeIdle(); // disposed while this copy was out
            return;
        }

        key.Dispose();
    }

    /// <summary>Disposes the copies, those still out when they come back.</summary>
    public void Dispose()
    {
        _disposed = true;
        DisposeIdle();
    }

    private void DisposeIdle()
    {
        for (var i = 0; i < _idle.Length; i++) Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
