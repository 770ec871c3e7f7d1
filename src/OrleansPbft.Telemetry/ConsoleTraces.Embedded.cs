using OpenTelemetry;
using OpenTelemetry.Trace;

namespace OrleansPbft.Telemetry;

/// <summary>Spans on the console, where OpenTelemetry's own console exporter can not be had: ours, one line per span.</summary>
internal static class ConsoleTraces
{
    public static void AddTo(TracerProviderBuilder traces) =>
        traces.AddProcessor(new BatchActivityExportProcessor(new CompactSpanExporter(Console.Out), scheduledDelayMilliseconds: 500));
}
