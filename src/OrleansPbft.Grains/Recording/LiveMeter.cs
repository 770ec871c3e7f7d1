using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Recording;

/// <summary>Sums up what recorders counted, for those who want to know how fast the cluster is.</summary>
/// <param name="recorders">Of the replicas here.</param>
internal sealed class LiveMeter(ReplicaRecorder[] recorders)
{
    private const int RecentSeconds = 10;
    private const int HistorySeconds = 120;
    private const long SecondUs = 1_000_000;

    /// <summary>How fast the replicas are.</summary>
    public LiveDocument Measure(Instant now)
    {
        var current = now.Microseconds / SecondUs;
        var last = current - 1; // the one that is over
        var furthest = recorders.Length == 0 ? null : recorders.MaxBy(static recorder => recorder.Executed);
        var pace = furthest?.PaceOf(last) ?? default;
        Span<long> recent = stackalloc long[TimeWindow.Buckets];
        foreach (var recorder in recorders) recorder.SumLatenciesTo(recent, current - RecentSeconds, current);
        return new()
        {
            OperationsPerSecond = pace.Operations,
            BatchesPerSecond = pace.Batches,
            BatchMean = BatchMean(furthest, current),
            Latency = Describe(recent),
            Phases = MeasurePhases(current),
            History = MeasureHistory(furthest, last),
        };
    }

    /// <summary>How long flushes took of late; null where there was none.</summary>
    public static LatencyDocument? MeasureFlushes(ReplicaRecorder recorder, Instant now)
    {
        var current = now.Microseconds / SecondUs;
        Span<long> sum = stackalloc long[TimeWindow.Buckets];
        recorder.SumFlushesTo(sum, current - RecentSeconds, current);
        return Describe(sum);
    }

    private static LatencyDocument? Describe(ReadOnlySpan<long> sum) => TimeWindow.CountOf(sum) == 0 ? null : new()
    {
        P50Us = TimeWindow.PercentileOf(sum, 50),
        P90Us = TimeWindow.PercentileOf(sum, 90),
        P99Us = TimeWindow.PercentileOf(sum, 99),
    };

    private static double BatchMean(ReplicaRecorder? furthest, long current)
    {
        var (batches, requests) = (0L, 0L);
        for (var second = current - RecentSeconds; furthest is not null && second <= current; second++)
        {
            var pace = furthest.PaceOf(second);
            batches += pace.Batches;
            requests += pace.Requests;
        }

        return batches == 0 ? 0 : Math.Round((double)requests / batches, 2);
    }

    private LivePhaseDocument[] MeasurePhases(long current)
    {
        var phases = new List<LivePhaseDocument>();
        Span<long> sum = stackalloc long[TimeWindow.Buckets];
        foreach (var recorder in recorders)
        {
            for (var phase = 0; phase < LivePhaseDocument.Phases.Count; phase++)
            {
                sum.Clear();
                recorder.SumPhaseTo(sum, phase, current - RecentSeconds, current);
                if (TimeWindow.CountOf(sum) is not (> 0 and var count)) continue;
                phases.Add(new()
                {
                    Replica = recorder.Self.Index,
                    Phase = LivePhaseDocument.Phases[phase],
                    P50Us = TimeWindow.PercentileOf(sum, 50),
                    P99Us = TimeWindow.PercentileOf(sum, 99),
                    Count = count,
                });
            }
        }

        return [.. phases];
    }

    private LivePointDocument[] MeasureHistory(ReplicaRecorder? furthest, long last)
    {
        if (furthest is null) return [];
        var points = new LivePointDocument[HistorySeconds];
        Span<long> sum = stackalloc long[TimeWindow.Buckets];
        for (var i = 0; i < points.Length; i++)
        {
            var second = last - HistorySeconds + 1 + i;
            sum.Clear();
            foreach (var recorder in recorders) recorder.SumLatenciesTo(sum, second, second);
            points[i] = new()
            {
                At = HostClock.ToTime(new((second + 1) * SecondUs)).UtcDateTime,
                OperationsPerSecond = furthest.PaceOf(second).Operations,
                P50Us = TimeWindow.PercentileOf(sum, 50),
                P99Us = TimeWindow.PercentileOf(sum, 99),
            };
        }

        return points;
    }
}
