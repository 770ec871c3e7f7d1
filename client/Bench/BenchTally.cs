namespace OrleansPbft.ClientConsole.Bench;

/// <summary>What one client counted. Written by that client, read by others at any time for progress, and added up when all have ended.</summary>
internal sealed class BenchTally
{
    private readonly Dictionary<string, long> _errors = new(StringComparer.Ordinal);
    private long _requests;
    private long _reads;
    private long _writes;
    private long _busy;
    private long _failed;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Requests that were answered.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Reads that were answered.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Writes that were answered.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>How often the cluster was too busy for a request, which was then sent again.</summary>
    public long Busy => Volatile.Read(ref _busy);

    /// <summary>Requests, and single operations, that ended in an error.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>The same by kind.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>What made this client stop before the end; null when nothing did.</summary>
    public string? GaveUpBecause { get; private set; }

    public void OnAnswer(int reads, int writes, TimeSpan took)
    {
        Latency.Record(took);
        Volatile.Write(ref _requests, _requests + 1);
        Volatile.Write(ref _reads, _reads + reads);
        Volatile.Write(ref _writes, _writes + writes);
    }

    public void OnBusy() => Volatile.Write(ref _busy, _busy + 1);

    public void OnError(string kind, long count = 1)
    {
        _errors[kind] = _errors.GetValueOrDefault(kind) + count;
        Volatile.Write(ref _failed, _failed + count);
    }

    public void OnGaveUp(string reason) => GaveUpBecause = reason;

    /// <summary>Adds only what another one counted that went wrong.</summary>
    public void AddErrors(BenchTally other)
    {
        foreach (var (kind, count) in other._errors) OnError(kind, count);
    }

    /// <summary>Adds what another one counted.</summary>
    public void Add(BenchTally other)
    {
        Latency.Add(other.Latency);
        _requests += other._requests;
        _reads += other._reads;
        _writes += other._writes;
        _busy += other._busy;
        AddErrors(other);
    }
}
