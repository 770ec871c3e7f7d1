using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace OrleansPbft.EndToEnd;

/// <summary>An OTLP receiver that nobody here wrote: a process of Node.js with OpenTelemetry's own decoders, which says what it was sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const string Needs = "The OTLP tests decode what is exported with OpenTelemetry's own JavaScript packages. They need Node.js 18 or newer with npm: "
        + "https://nodejs.org, or on Debian 'apt-get install nodejs npm'.";

    private static readonly Lazy<Task> Restored = new(RestoreAsync);

    private readonly ProgramProcess _process;
    private readonly int _httpPort;
    private readonly int _grpcPort;

    private OtlpReceiver(ProgramProcess process, int httpPort, int grpcPort)
    {
        _process = process;
        (_httpPort, _grpcPort) = (httpPort, grpcPort);
    }

    private static string Folder =>
        typeof(OtlpReceiver).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "OtlpReceiver").Value!;

    /// <summary>Starts one; gets its packages first, where they are not there.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        try
        {
            await Restored.Value;
            var process = ProgramProcess.StartCommand("node", [Path.Combine(Folder, "receiver.js")]);
            var ports = JsonDocument.Parse(await process.LineAsync("{\"http\":")).RootElement;
            return new(process, ports.GetProperty("http").GetInt32(), ports.GetProperty("grpc").GetInt32());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.SkipUnless(System.Environment.GetEnvironmentVariable("PBFT_REQUIRE_NODE") == "1", Needs); // CI fails without it
            throw new InvalidOperationException(Needs, missing);
        }
    }

    /// <summary>What a process that exports to it is started with.</summary>
    /// <param name="protocol">http/protobuf or grpc.</param>
    public (string Name, string Value)[] Environment(string protocol) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{(protocol == "grpc" ? _grpcPort : _httpPort)}"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ("Pbft__Telemetry__SampleRatio", "1"),
    ];

    /// <summary>All spans it was sent until now.</summary>
    public OtlpSpan[] Spans() =>
    [
        .. from export in Exports("traces")
           from resource in Items(export, "resourceSpans")
           from scope in Items(resource, "scopeSpans")
           from span in Items(scope, "spans")
           select OtlpSpan.Read(span, AttributesOf(resource.GetProperty("resource"))),
    ];

    /// <summary>The metrics it was sent: by whom, their names, units and descriptions.</summary>
    public (IReadOnlyDictionary<string, string> Resource, string Name, string Unit, string Description)[] Metrics() =>
    [
        .. from export in Exports("metrics")
           from resource in Items(export, "resourceMetrics")
           from scope in Items(resource, "scopeMetrics")
           from metric in Items(scope, "metrics")
           select (AttributesOf(resource.GetProperty("resource")), Text(metric, "name"), Text(metric, "unit"), Text(metric, "description")),
    ];

    /// <summary>The log records it was sent: by whom, and what they say.</summary>
    public (IReadOnlyDictionary<string, string> Resource, string Body)[] Logs() =>
    [
        .. from export in Exports("logs")
           from resource in Items(export, "resourceLogs")
           from scope in Items(resource, "scopeLogs")
           from record in Items(scope, "logRecords")
           select (AttributesOf(resource.GetProperty("resource")), OtlpSpan.ValueOf(record.GetProperty("body"))),
    ];

    /// <summary>By which protocols it was sent anything: http, grpc.</summary>
    public string[] Protocols() => [.. Exports(signal: null).Select(static export => Text(export, "protocol")).Distinct()];

    /// <summary>Waits until what it was sent is enough.</summary>
    /// <param name="missing">What is missing of it; null when nothing is.</param>
    public Task UntilAsync(Func<OtlpSpan[], string?> missing) => Poll.UntilNoneAsync(() => Task.FromResult(missing(Spans())));

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    internal static Dictionary<string, string> AttributesOf(JsonElement owner) =>
        Items(owner, "attributes").ToDictionary(static one => Text(one, "key"), static one => OtlpSpan.ValueOf(one.GetProperty("value")), StringComparer.Ordinal);

    internal static IEnumerable<JsonElement> Items(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var items) ? items.EnumerateArray() : [];

    internal static string Text(JsonElement owner, string name) => owner.TryGetProperty(name, out var text) ? text.ToString() : "";

    private IEnumerable<JsonElement> Exports(string? signal)
    {
        foreach (var line in _process.Output.Split('\n').Skip(1).SkipLast(1)) // the ports; and the line that is being written
        {
            var export = JsonDocument.Parse(line).RootElement;
            if (signal is null) yield return export;
            else if (Text(export, "signal") == signal) yield return export.GetProperty("body");
        }
    }

    /// <summary>Gets the packages that package-lock.json names, once for all runs.</summary>
    private static async Task RestoreAsync()
    {
        if (File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json"))) return;
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        using var restore = Process.Start(new ProcessStartInfo(npm, "ci --ignore-scripts --no-audit --no-fund") { WorkingDirectory = Folder, RedirectStandardError = true })!;
        var errors = await restore.StandardError.ReadToEndAsync();
        await restore.WaitForExitAsync();
        Assert.True(restore.ExitCode == 0, $"{Needs} 'npm ci' in {Folder} failed:\n{errors}");
    }
}
