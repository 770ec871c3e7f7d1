using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Telemetry;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>Has requests sampled as the silo is told, and writes spans on the console where somebody is to see them there: in Development.</summary>
/// <remarks>What is exported by OTLP, the environment says (<see cref="TelemetryExport"/>).</remarks>
internal sealed class PbftTelemetryService(IOptions<PbftOptions> options, TelemetryExport export, IHostEnvironment environment) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var telemetry = options.Value.Telemetry;
        if (telemetry.Console && environment.IsDevelopment()) export.AddConsole();
        if (export.TracesAnything) TraceSampling.Ratio = telemetry.SampleRatio; // elsewhere, whoever listens in this process samples
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
