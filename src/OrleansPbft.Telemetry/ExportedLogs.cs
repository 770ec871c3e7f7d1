using Microsoft.Extensions.Logging;

namespace OrleansPbft.Telemetry;

/// <summary>Hands a host's log records over to be exported.</summary>
/// <param name="export">Exports them.</param>
public sealed class ExportedLogs(TelemetryExport export) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => export.LoggerFactory.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The export is stopped by whoever began it.
    }
}
