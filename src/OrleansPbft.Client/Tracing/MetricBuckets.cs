using System.Diagnostics.Metrics;

namespace OrleansPbft.Client;

/// <summary>The bounds of histograms' buckets, as instruments advise them to whoever exports them.</summary>
internal static class MetricBuckets
{
    /// <summary>From what a signature takes to what a view change may.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    /// <summary>Requests in a batch.</summary>
    public static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] };
}
