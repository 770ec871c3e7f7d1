using System.Diagnostics;
using OrleansPbft.Client;

namespace OrleansPbft.Telemetry.Tests;

/// <summary>Spans on the console.</summary>
public sealed class CompactSpanExporterTests
{
    [Fact]
    public void A_span_is_one_line_on_the_console()
    {
        using var source = new ActivitySource("line");
        using var listener = new ActivityListener
        {
            ShouldListenTo = other => other == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var began = new DateTimeOffset(2026, 3, 1, 9, 41, 7, 120, 345, TimeSpan.Zero);
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);
        using var span = source.StartActivity("prepare", ActivityKind.Internal, parent, startTime: began)!;
        span.SetTag(PbftTelemetry.Replica, 2).SetTag(PbftTelemetry.View, 0L).SetTag(PbftTelemetry.Sequence, 17L);
        span.SetTag(PbftTelemetry.BatchSize, 3).SetTag(PbftTelemetry.Digest, "9f86d081").SetTag("other", "x");
        span.SetEndTime(began.AddMicroseconds(412).UtcDateTime);
        using var exporter = new CompactSpanExporter(TextWriter.Null);

        Assert.Equal("09:41:07.120345    0.412 ms  4bf92f35 r2 prepare      v0 n17 d:9f86d081 batch=3 other=x", exporter.Format(span));
    }
}
