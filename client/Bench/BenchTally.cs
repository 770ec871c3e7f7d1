using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>What one client counted. Written by that client, read by others at any time for progress, and added up when all have ended.</summary>
internal sealed class BenchTally
{
    private readonly Dictionary<string, long> _errors = new(StringComparer.Ordinal);
    private long _requests;
    private long _reads;
    private long _writes;
    private long _quorumReads;
    private long _orderedReads;
    private long _busy;
    private long _failed;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Requests that were answered.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Reads that were answered.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Writes that were answered.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>Requests to read that q replicas answered.</summary>
    public long QuorumReads => Volatile.Read(ref _quorumReads);

    /// <summary>Requests to read that were ordered in the end.</summary>
    public long OrderedReads => Volatile.Read(ref _orderedReads);

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

    /// <summary>A request to read was answered.</summary>
    public void OnQuery(AnswerPath path)
    {
        ref var count = ref path == AnswerPath.Quorum ? ref _quorumReads : ref _orderedReads;
        Volatile.Write(ref count, count + 1);
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
        _quorumReads += other._quorumReads;
        _orderedReads += other._orderedReads;
        _busy += other._busy;
        AddErrors(other);
    }
}
