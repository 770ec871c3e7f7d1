using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole;
using OrleansPbft.ClientConsole.Bench;
using OrleansPbft.Telemetry;

namespace OrleansPbft.Benchmarks;

/// <summary>What telemetry costs under load: two local clusters, one that exports traces, metrics and logs to a sink in this process and one that exports nothing, are
/// loaded in turn, with the client's own export on and off as theirs is. The sink's work is in the price.</summary>
internal sealed class TelemetryReport : IAsyncDisposable
{
    private readonly HttpListener _sink = new();
    private readonly List<Process> _silos = [];
    private readonly Dictionary<string, string?> _export;
    private long _received;

    private TelemetryReport(double? sampleRatio)
    {
        _export = new(StringComparer.Ordinal)
        {
            [OtlpSettings.Endpoint] = Listen(_sink),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        SampleRatio = sampleRatio ?? 0.01;
        _export["Pbft__Telemetry__SampleRatio"] = SampleRatio.ToString(CultureInfo.InvariantCulture);
        _ = ReceiveAsync();
    }

    private double SampleRatio { get; }

    public static async Task<int> RunAsync(int pairs, double seconds, double? sampleRatio)
    {
        await using var report = new TelemetryReport(sampleRatio);
        var without = await report.StartSiloAsync(export: null);
        var with = await report.StartSiloAsync(report._export);
        Console.WriteLine($"{pairs} pairs of runs of {seconds} s, as 'client bench' loads by default; sampled: {report.SampleRatio:P1} of the requests. The first pair warms up.");
        var ratios = new List<double>();
        for (var pair = 0; pair <= pairs; pair++)
        {
            // Who comes first alternates, so that what changes with time is on both sides.
            var isFirst = pair % 2 == 0;
            var one = await report.MeasureAsync(isFirst ? without : with, isFirst ? null : report._export, seconds);
            var other = await report.MeasureAsync(isFirst ? with : without, isFirst ? report._export : null, seconds);
            var (off, on) = isFirst ? (one, other) : (other, one);
            Console.WriteLine($"  {(pair == 0 ? "warm-up" : $"pair {pair}"),-8} off {off,9:F0} op/s   on {on,9:F0} op/s   on/off {on / off:F3}");
            if (pair > 0) ratios.Add(on / off);
        }

        ratios.Sort();
        Console.WriteLine($"on/off: median {ratios[ratios.Count / 2]:F3}, from {ratios[0]:F3} to {ratios[^1]:F3}; {Interlocked.Read(ref report._received) / 1024} KiB exported");
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            silo.Kill(entireProcessTree: true);
            await silo.WaitForExitAsync();
            silo.Dispose();
        }

        _sink.Close();
    }

    private static string Listen(HttpListener sink)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        sink.Prefixes.Add($"{address}/");
        sink.Start();
        return address;
    }

    private async Task ReceiveAsync()
    {
        while (_sink.IsListening)
        {
            try
            {
                var context = await _sink.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null);
                Interlocked.Add(ref _received, context.Request.ContentLength64);
                context.Response.Close();
            }
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                // The report is over, or an exporter went away.
            }
        }
    }

    private async Task<Uri> StartSiloAsync(Dictionary<string, string?>? export)
    {
        var path = typeof(TelemetryReport).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "Silo").Value!;
        var start = new ProcessStartInfo("dotnet", [path, "--Urls=http://127.0.0.1:0"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in export ?? []) start.Environment[name] = value;
        var silo = Process.Start(start)!;
        _silos.Add(silo);
        while (await silo.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("  HTTP API", StringComparison.Ordinal)) continue;
            _ = silo.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return new(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).GetLeftPart(UriPartial.Authority));
        }

        throw new InvalidOperationException("The silo did not start.");
    }

    private async Task<double> MeasureAsync(Uri silo, Dictionary<string, string?>? export, double seconds)
    {
        using var own = export is null ? null : new TelemetryExport(new(TelemetryResource.Console), new ConfigurationBuilder().AddInMemoryCollection(export).Build());
        TraceSampling.Ratio = export is null ? null : SampleRatio;
        var options = new BenchOptions { Duration = TimeSpan.FromSeconds(seconds) };
        var io = new ConsoleIo(TextReader.Null, TextWriter.Null, TextWriter.Null);
        var report = await BenchRun.RunAsync(ClusterTarget.Silo(silo), options, TimeSpan.FromSeconds(30), io, CancellationToken.None);
        if (!report.Succeeded) throw new InvalidOperationException($"The run did not succeed: {report.ToResult().Text}");
        return report.OperationsPerSecond;
    }
}
