using System.Security.Cryptography;

namespace OrleansPbft.Cryptography;

/// <summary>A few imported copies of one key. A copy serves one thread at a time: ECDsa's instance members are not documented as thread-safe.</summary>
/// <remarks>As many copies are kept as there are processors; one more is imported and disposed again when all are out. No locks.</remarks>
internal sealed class KeySlots(Func<ECDsa> import) : IDisposable
{
    private readonly ECDsa?[] _idle = new ECDsa?[Environment.ProcessorCount];
    private volatile bool _disposed;

    /// <summary>Takes a copy that no other thread has.</summary>
    public ECDsa Take()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } key) return key;
        }

        return import();
    }

    /// <summary>Gives a copy back.</summary>
    public void Return(ECDsa key)
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
