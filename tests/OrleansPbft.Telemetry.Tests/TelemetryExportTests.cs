using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client;
using OrleansPbft.Tests;

namespace OrleansPbft.Telemetry.Tests;

/// <summary>Listeners, and how requests are sampled, are of the whole process: these tests run while no other does.</summary>
[CollectionDefinition(nameof(TelemetryExportTests), DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "It is one.")]
public sealed class TelemetryExportTestCollection;

/// <summary>Exports, and what becomes of them where nobody takes them.</summary>
[Collection(nameof(TelemetryExportTests))]
public sealed class TelemetryExportTests : IDisposable
{
    private static readonly Action<ILogger, int, Exception?> Say = LoggerMessage.Define<int>(LogLevel.Information, new(1), "last record of {Number}");

    private readonly double? _before = TraceSampling.Ratio;

    public void Dispose() => TraceSampling.Ratio = _before;

    [Fact]
    public void Nothing_listens_where_nobody_is_to_see_anything()
    {
        using var export = new TelemetryExport(new("test"), Variables.Of());

        Assert.False(export.TracesAnything);
        Assert.False(PbftTelemetry.Source.HasListeners());
        Assert.False(export.LoggerFactory.CreateLogger("x").IsEnabled(LogLevel.Critical));
    }

    [Fact]
    public void Nothing_is_exported_with_variables_that_are_wrong()
    {
        using var export = new TelemetryExport(new("test"), Variables.Of(OtlpSettings.Endpoint, "nowhere"));

        Assert.False(export.TracesAnything);
        Assert.Single(export.Problems);
    }

    /// <summary>Traces, metrics and logs reach a receiver at its three addresses, with who sent them, and all is there when the export has ended.</summary>
    [Fact]
    public async Task The_end_of_an_export_waits_for_what_is_left()
    {
        using var receiver = new HttpListener();
        var address = Listen(receiver);
        var received = ReceiveAsync(receiver, exports: 3);
        TraceSampling.Ratio = 1;
        using (var export = new TelemetryExport(
            TelemetryResource.OfReplica(2, "cafe"),
            Variables.Of(OtlpSettings.Endpoint, address, "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "OTEL_SERVICE_NAME", "named-by-the-environment")))
        {
            Assert.True(TraceSampling.TryBegin(out var root));
            Spans.End(Spans.Begin("last-span", ActivityKind.Internal, root)!);
            ClientMetrics.OnRetransmitted();
            Say(export.LoggerFactory.CreateLogger("x"), 2, null);
        }

        var bodies = await received.InTime();
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], bodies.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("last-span", bodies["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("pbft.client.retransmissions", bodies["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("last record of 2", bodies["/v1/logs"], StringComparison.Ordinal);
        Assert.All(bodies.Values, static body =>
        {
            Assert.Contains("named-by-the-environment", body, StringComparison.Ordinal);
            Assert.Contains("cafe/replica-2", body, StringComparison.Ordinal);
        });
    }

    /// <summary>What waits for a collector is bounded, whoever is slow; and the end does not wait for it for long.</summary>
    [Theory]
    [InlineData("grpc", true)]
    [InlineData("http/protobuf", true)]
    [InlineData("grpc", false)]
    [InlineData("http/protobuf", false)]
    public async Task A_collector_that_is_away_neither_holds_up_nor_fills_memory(string protocol, bool accepts)
    {
        using var blackHole = new TcpListener(IPAddress.Loopback, 0);
        blackHole.Start();
        var address = $"http://{blackHole.LocalEndpoint}";
        if (!accepts) blackHole.Stop();
        TraceSampling.Ratio = 1;
        var first = new WeakReference(null);
        var variables = Variables.Of(OtlpSettings.Endpoint, address, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "OTEL_METRIC_EXPORT_INTERVAL", "10");
        using (var export = new TelemetryExport(new("test"), variables))
        {
            var log = export.LoggerFactory.CreateLogger("x");
            for (var i = 0; i < 100_000; i++)
            {
                TraceSampling.TryBegin(out var root);
                var span = Spans.Begin("lost", ActivityKind.Internal, root)!;
                Spans.End(span);
                Say(log, i, null);
                if (i == 50_000) first.Target = span; // by now the queues are full: it is in none
            }

            await Task.Run(GC.Collect, TestContext.Current.CancellationToken);
            Assert.False(first.IsAlive, "A span waits though the queue was full.");
            await Task.Run(export.Dispose, TestContext.Current.CancellationToken).InTime();
        }
    }

    /// <summary>What is not chosen costs nothing: not even an object.</summary>
    [Fact]
    public void A_request_that_is_not_chosen_allocates_nothing()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PbftTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        TraceSampling.Ratio = 0;
        TraceSampling.TryBegin(out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var chosen = 0;
        for (var i = 0; i < 10_000; i++) chosen += TraceSampling.TryBegin(out _) ? 1 : 0;

        Assert.Equal((0, 0L), (chosen, GC.GetAllocatedBytesForCurrentThread() - before));
    }

    [Fact]
    public void The_ratio_is_what_it_says_by_chance_and_by_id()
    {
        TraceSampling.Ratio = 0.25;
        var random = new Random(7);
        var bytes = new byte[16];

        var byChance = Enumerable.Range(0, 10_000).Count(static _ => TraceSampling.TryBegin(out var root) && root.TraceFlags == ActivityTraceFlags.Recorded);
        var byId = Enumerable.Range(0, 10_000).Count(_ =>
        {
            random.NextBytes(bytes);
            return TraceSampling.IsChosen(ActivityTraceId.CreateFromBytes(bytes));
        });

        Assert.InRange(byChance, 2_000, 3_000); // eleven times the deviation
        Assert.InRange(byId, 2_000, 3_000);
        Assert.Throws<ArgumentOutOfRangeException>(static () => TraceSampling.Ratio = 1.5);
        Assert.Throws<ArgumentOutOfRangeException>(static () => TraceSampling.Ratio = double.NaN);
    }

    private static string Listen(HttpListener receiver)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        receiver.Prefixes.Add($"{address}/");
        receiver.Start();
        return address;
    }

    private static async Task<Dictionary<string, string>> ReceiveAsync(HttpListener receiver, int exports)
    {
        var bodies = new Dictionary<string, string>(StringComparer.Ordinal);
        while (bodies.Count < exports)
        {
            var context = await receiver.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream, Encoding.Latin1);
            bodies[context.Request.Url!.AbsolutePath] = await reader.ReadToEndAsync();
            context.Response.Close();
        }

        return bodies;
    }
}
