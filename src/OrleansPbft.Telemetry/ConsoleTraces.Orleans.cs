using OpenTelemetry.Trace;

namespace OrleansPbft.Telemetry;

/// <summary>Spans on the console, by OpenTelemetry's own exporter.</summary>
internal static class ConsoleTraces
{
    public static void AddTo(TracerProviderBuilder traces) => traces.AddConsoleExporter();
}
