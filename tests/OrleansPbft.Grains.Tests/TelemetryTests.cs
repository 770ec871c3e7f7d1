using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Grains.Tests.Support;
using OrleansPbft.Telemetry;

namespace OrleansPbft.Grains.Tests;

/// <summary>Listeners are of the whole process: these tests run while no other does.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "It is one.")]
public sealed class TelemetryTestCollection;

/// <summary>DESIGN.md 12: one trace for a sampled request, written in retrospect, joined by the context beside the signed bytes.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    private static readonly string[] Phases = ["pre-prepare", "commit", "execute", "reply"];

    [Fact]
    public async Task A_sampled_request_leaves_one_span_for_each_phase_at_each_replica()
    {
        var client = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(client.TraceId, spans);
        await using var silo = await TestSilo.StartAsync();
        var session = silo.Connect();
        await session.OpenAsync();

        session.TraceParent = $"00-{client.TraceId}-{client.SpanId}-01";
        var accepted = await session.SubmitAsync([1], [2]);
        await TestSilo.Eventually(() => Task.FromResult(Phases.All(phase => spans.Count(span => span.OperationName == phase) == 4)));

        var order = Assert.Single(spans, static span => span.OperationName == "order");
        Assert.Equal(client.SpanId, order.ParentSpanId);
        Assert.Equal(0, order.GetTagItem("pbft.replica"));
        foreach (var phase in Phases)
        {
            Assert.Equal([0, 1, 2, 3], spans.Where(span => span.OperationName == phase).Select(static span => (int)span.GetTagItem("pbft.replica")!).Order());
        }

        // A replica that q COMMITs reach first need not be prepared any more.
        Assert.InRange(spans.Count(static span => span.OperationName == "prepare"), 3, 4);
        Assert.All(spans.Where(span => span != order), span => Assert.Equal(order.SpanId, span.ParentSpanId));
        Assert.All(spans, span =>
        {
            Assert.Equal(client.TraceId, span.TraceId);
            Assert.Equal(0L, span.GetTagItem("pbft.view"));
            Assert.Equal(accepted.Reply.Sequence.Value, span.GetTagItem("pbft.sequence"));
            Assert.Equal(1, span.GetTagItem("pbft.batch.size"));
            Assert.Equal(order.GetTagItem("pbft.digest"), span.GetTagItem("pbft.digest"));
            Assert.True(span.Duration >= TimeSpan.Zero);
        });
    }

    [Fact]
    public async Task A_request_whose_trace_is_not_sampled_leaves_no_span()
    {
        var client = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(client.TraceId, spans);
        await using var silo = await TestSilo.StartAsync();
        var session = silo.Connect();
        await session.OpenAsync();

        session.TraceParent = $"00-{client.TraceId}-{client.SpanId}-00";
        await session.SubmitAsync([1]);
        await silo.Converge(silo.Cluster.Options.Cluster.All);

        Assert.Empty(spans);
    }

    [Fact]
    public async Task A_request_without_a_trace_begins_one_when_the_sampler_says_so()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PbftTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        await using var silo = await TestSilo.StartAsync();
        var session = silo.Connect();
        await session.OpenAsync();
        await silo.Converge(silo.Cluster.Options.Cluster.All);
        ActivitySource.AddActivityListener(listener);

        var accepted = await session.SubmitAsync([1]);
        await TestSilo.Eventually(() => Task.FromResult(spans.Count(static span => span.OperationName == "reply") == 4));

        var order = Assert.Single(spans, static span => span.OperationName == "order");
        Assert.Equal(default, order.ParentSpanId);
        Assert.Equal(accepted.Reply.Sequence.Value, order.GetTagItem("pbft.sequence"));
        Assert.All(spans.Where(span => span != order), span => Assert.Equal(order.SpanId, span.ParentSpanId));
    }

    [Theory]
    [InlineData("Development", true, null, true)]
    [InlineData("Production", true, null, false)]
    [InlineData("Development", false, null, false)]
    [InlineData("Production", false, "http://127.0.0.1:9", true)]
    public async Task Traces_are_listened_to_when_somebody_is_to_see_them(string environment, bool console, string? endpoint, bool listens)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new(OtlpSettings.Endpoint, endpoint)])
            .Build();
        using var export = new TelemetryExport(new(TelemetryResource.Silo), configuration);
        var service = new PbftTelemetryService(
            Options.Create(new PbftOptions { Telemetry = { Console = console, SampleRatio = 0.125 } }), export, new TestEnvironment { EnvironmentName = environment });

        try
        {
            await service.StartAsync(TestContext.Current.CancellationToken);

            Assert.Equal(listens, export.TracesAnything);
            Assert.Equal(listens ? 0.125 : null, TraceSampling.Ratio);
        }
        finally
        {
            TraceSampling.Ratio = null;
        }
    }

    [Fact]
    public async Task Metrics_tell_where_each_replica_stands_and_what_it_dropped()
    {
        var measured = new ConcurrentDictionary<(string Name, int Replica), long>();
        using var listener = new MeterListener();
        await using var silo = await TestSilo.StartAsync(replicas: 1);
        var client = silo.Connect();
        await client.OpenAsync();
        var own = silo.Instruments.Meter;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, own)) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, 1, tags));
        listener.Start();

        await client.SubmitAsync([1]);
        client.SendTo(0, new byte[] { 1, 2, 3 });
        await TestSilo.Eventually(() => Task.FromResult(measured.ContainsKey(("pbft.envelopes.rejected", 0))));
        listener.RecordObservableInstruments();

        Assert.Equal(2, measured[("pbft.last_executed", 0)]);
        Assert.Equal(0, measured[("pbft.view", 0)]);
        Assert.Equal(0, measured[("pbft.pending", 0)]);
        Assert.Equal(1, measured[("pbft.sessions", 0)]);
        Assert.Equal(1, measured[("pbft.replica.state", 0)]);
        Assert.Equal(0, measured[("pbft.queue.depth", 0)]);
        Assert.Equal(1, measured[("pbft.batch.size", 0)]);
        Assert.Equal(4, measured[("pbft.phase.duration", 0)]);
        Assert.Equal(1, measured[("pbft.envelopes.rejected", 0)]);

        void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.AddOrUpdate((instrument.Name, (int)tags[0].Value!), value, (_, before) => before + value);
    }

    private static ActivityListener Listen(ActivityTraceId trace, ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PbftTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace && (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace) spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private sealed class TestEnvironment : IHostEnvironment
    {
        public required string EnvironmentName { get; set; }

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
