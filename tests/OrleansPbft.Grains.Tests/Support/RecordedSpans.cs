using System.Diagnostics;
using OrleansPbft.Client;

namespace OrleansPbft.Grains.Tests;

/// <summary>Listens as an exporter does that records what its caller records, and nothing else.</summary>
internal static class RecordedSpans
{
    /// <summary>Tells of each span when it ends, until what is returned is disposed of.</summary>
    public static ActivityListener Listen(Action<Activity> onEnded)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PbftTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = onEnded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
