using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrleansPbft.Client;

namespace OrleansPbft.Telemetry;

/// <summary>Exports what a process tells instruments, by OTLP, from its making to its end. It never holds up who is measured: what can not be exported in time is lost.</summary>
/// <remarks>Spans and records wait in queues of bounded length (2048 by default), and a thread of OpenTelemetry's sends them. A collector that is away, or takes and never
/// answers, costs those queues, and <see cref="StopTimeout"/> at the end.</remarks>
public sealed class TelemetryExport : IDisposable
{
    /// <summary>How long the end of a process waits for what is still to be exported.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly OtlpSettings _settings;
    private readonly OpenTelemetrySdk? _sdk;
    private readonly Lock _gate = new();
    private readonly List<TracerProvider> _consoles = []; // gate
    private bool _isStopped; // gate

    /// <summary>Begins to export what the environment asks for; nothing where it asks for nothing.</summary>
    /// <param name="resource">Who exports.</param>
    /// <param name="configuration">Has the environment's variables.</param>
    public TelemetryExport(TelemetryResource resource, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(configuration);
        Resource = resource;
        _settings = new(configuration);
        if (!_settings.Any || _settings.Problems.Count > 0) return;
        _sdk = OpenTelemetrySdk.Create(builder =>
        {
            builder.Services.AddSingleton(configuration); // in place of the environment alone
            builder.ConfigureResource(resource.Describe);
            if (_settings.Traces) builder.WithTracing(static traces => Listen(traces));
            if (_settings.Metrics) builder.WithMetrics(static metrics => metrics.AddMeter(PbftTelemetry.Name));
            if (_settings.Logs) builder.WithLogging(configureBuilder: null, static logs => logs.IncludeFormattedMessage = true);
            builder.Services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Trace)); // who hands records over has chosen them
            builder.UseOtlpExporter();
        });
        LoggerFactory = _settings.Logs ? _sdk.GetLoggerFactory() : NullLoggerFactory.Instance;
    }

    /// <summary>Who exports.</summary>
    public TelemetryResource Resource { get; }

    /// <summary>Whether anybody is to see spans.</summary>
    public bool TracesAnything
    {
        get
        {
            lock (_gate) return (_sdk is not null && _settings.Traces) || _consoles.Count > 0;
        }
    }

    /// <summary>What is wrong with the environment's variables; while anything is, nothing is exported.</summary>
    public IReadOnlyList<string> Problems => _settings.Problems;

    /// <summary>Makes loggers whose records are exported; such as do nothing where none are.</summary>
    public ILoggerFactory LoggerFactory { get; } = NullLoggerFactory.Instance;

    /// <summary>Writes spans on the console too, one line each.</summary>
    public void AddConsole()
    {
        var traces = Listen(Sdk.CreateTracerProviderBuilder()).ConfigureResource(Resource.Describe);
        ConsoleTraces.AddTo(traces);
        lock (_gate) _consoles.Add(traces.Build());
    }

    /// <summary>Exports what is left, for no longer than <see cref="StopTimeout"/>, and stops.</summary>
    public void Dispose()
    {
        TracerProvider[] consoles;
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            consoles = [.. _consoles];
        }

        // Each gets all of the time, side by side; whoever needs more is left to the process's end. None of these threads keeps it alive.
        var patience = (int)StopTimeout.TotalMilliseconds;
        var ends = new List<Task>();
        foreach (var console in consoles) ends.Add(EndAsync(() => console.Shutdown(patience), console));
        if (_sdk is not null)
        {
            var ended = Task.WhenAll(
                Task.Run(() => _sdk.TracerProvider.Shutdown(patience)),
                Task.Run(() => _sdk.MeterProvider.Shutdown(patience)),
                Task.Run(() => _sdk.LoggerProvider.Shutdown(patience)));
            ends.Add(EndAsync(() => ended.Wait(patience), _sdk));
        }

        Task.WhenAll(ends).Wait(StopTimeout);
    }

    private static Task EndAsync(Func<bool> shutDown, IDisposable provider) => Task.Run(() =>
    {
        shutDown();
        provider.Dispose();
    });

    // Whatever begins a trace has decided whether it is recorded (TraceSampling); all others follow their parents.
    private static TracerProviderBuilder Listen(TracerProviderBuilder traces) =>
        traces.AddSource(PbftTelemetry.Name).SetSampler(new ParentBasedSampler(new AlwaysOffSampler()));
}
