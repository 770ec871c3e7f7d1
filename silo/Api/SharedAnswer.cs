namespace OrleansPbft.Silo.Api;

/// <summary>An answer that all who ask within some time share: what it costs does not grow with those who listen. As long as it stays the same it is the same array.</summary>
/// <param name="lifetime">How long it is as good as new.</param>
/// <param name="time">The clock.</param>
/// <param name="ask">Makes a new one.</param>
internal sealed class SharedAnswer(TimeSpan lifetime, TimeProvider time, Func<Task<byte[]>> ask) : IDisposable
{
    private readonly SemaphoreSlim _asking = new(1, 1);
    private byte[]? _answer; // of who holds the semaphore, as the next
    private long _askedAt;

    public async Task<byte[]> ReadAsync()
    {
        await _asking.WaitAsync();
        try
        {
            var now = time.GetTimestamp();
            if (_answer is not null && time.GetElapsedTime(_askedAt, now) < lifetime) return _answer;
            var answer = await ask();
            _askedAt = now;
            if (_answer is null || !answer.AsSpan().SequenceEqual(_answer)) _answer = answer;
            return _answer;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();
}
