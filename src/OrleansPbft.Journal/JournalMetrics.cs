using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary>What the journals of a process tell instruments. Nothing is measured where nobody listens.</summary>
/// <param name="replica">Whose journal it is.</param>
internal readonly struct JournalMetrics(ReplicaId replica)
{
    private static readonly Meter Meter = new("OrleansPbft");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "pbft.journal.flush.duration", "s", "How long a write and the flush of the medium behind it took; one serves all who wait.", tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });

    private static readonly Counter<long> Written = Meter.CreateCounter<long>("pbft.journal.written", "By", "Bytes of records that were made durable.");

    private readonly KeyValuePair<string, object?> _replica = new("pbft.replica", replica.Index);

    /// <summary>When a flush begins; 0 where nobody wants to know.</summary>
    public static long Begin() => Durations.Enabled || Written.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>So many bytes are durable.</summary>
    public void OnFlushed(long began, long bytes)
    {
        if (began == 0) return;
        Durations.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _replica);
        Written.Add(bytes, _replica);
    }
}
