using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>Listens to traces and metrics when somebody is to see them: the console in Development, OTLP wherever an endpoint is named.</summary>
internal sealed class PbftTelemetryService(IOptions<PbftOptions> options, IConfiguration configuration, IHostEnvironment environment)
    : IHostedService, IDisposable
{
    /// <summary>The setting that turns OTLP on, by OpenTelemetry's own name; its exporter reads the others of that family.</summary>
    internal const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>Whether spans are listened to.</summary>
    public bool TracesAnything => _traces is not null;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var telemetry = options.Value.Telemetry;
        var toConsole = telemetry.Console && environment.IsDevelopment();
        var toOtlp = !string.IsNullOrEmpty(configuration[OtlpEndpoint]);
        if (!toConsole && !toOtlp) return Task.CompletedTask;

        var resource = ResourceBuilder.CreateDefault().AddService(PbftTelemetry.Name);
        var traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(telemetry.SampleRatio)))
            .AddSource(PbftTelemetry.Name);
        if (toConsole) ConsoleTraces.AddTo(traces);
        if (toOtlp)
        {
            traces.AddOtlpExporter();
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(PbftTelemetry.Name).AddOtlpExporter().Build();
        }

        _traces = traces.Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Exports what is left, and stops listening.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
