using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansPbft.Cryptography;

/// <summary>What all cryptography of a process tells instruments. Nothing is measured where nobody listens.</summary>
internal static class CryptographyMetrics
{
    // A MAC takes about ten times as long as measuring it does: one of so many is measured.
    private const int MacsForOne = 64;

    private static readonly Meter Meter = new("OrleansPbft");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "pbft.crypto.duration", "s", "How long signing, verifying a signature, and a MAC took, by operation. Of MACs one in 64 is measured.", tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2] });

    private static readonly KeyValuePair<string, object?> Signing = new("pbft.crypto.operation", "sign");
    private static readonly KeyValuePair<string, object?> Verifying = new("pbft.crypto.operation", "verify");
    private static readonly KeyValuePair<string, object?> Mac = new("pbft.crypto.operation", "mac");

    [ThreadStatic]
    private static int _macs;

    /// <summary>When something begins; 0 where nobody wants to know.</summary>
    public static long Begin() => Durations.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>The same of a MAC; 0 for those that are not measured.</summary>
    public static long BeginMac() => Durations.Enabled && ++_macs % MacsForOne == 0 ? Stopwatch.GetTimestamp() : 0;

    public static void OnSigned(long began) => End(began, Signing);

    public static void OnVerified(long began) => End(began, Verifying);

    public static void OnMac(long began) => End(began, Mac);

    private static void End(long began, in KeyValuePair<string, object?> operation)
    {
        if (began != 0) Durations.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, operation);
    }
}
