using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansPbft.Core;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>What becomes of a request's trace when the primary does not order it, and the traces of what replicas go through (docs/telemetry.md).</summary>
[Collection(nameof(TelemetryTests))]
public sealed class EpisodeTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public EpisodeTests()
    {
        _listener = RecordedSpans.Listen(_spans.Enqueue);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_that_a_backup_gets_is_ordered_under_its_passing_on()
    {
        await using var silo = await TestSilo.StartAsync();
        var session = silo.Connect();
        await session.OpenAsync();
        var client = RecordedContext();
        session.TraceParent = $"00-{client.TraceId}-{client.SpanId}-01";

        session.SendTo(2, session.Sealer.SealRequest(session.Session, 1, [new byte[] { 1 }]).Envelope);
        await TestSilo.Eventually(() => Task.FromResult(Named("reply").Length == 4));

        var forward = Assert.Single(Named("forward"));
        Assert.Equal((client.SpanId, 2, 0), (forward.ParentSpanId, (int)forward.GetTagItem("pbft.replica")!, (int)forward.GetTagItem("pbft.peer")!));
        Assert.Equal(forward.SpanId, Assert.Single(Named("order")).ParentSpanId);
        Assert.All(_spans, span => Assert.Equal(client.TraceId, span.TraceId));
    }

    /// <summary>All that a view change touches: the trace goes on in the next view, and the view change is one trace of those who made it.</summary>
    [Fact]
    public async Task A_view_change_has_one_trace_at_all_replicas_that_links_to_the_request_it_delayed()
    {
        var counted = new ConcurrentDictionary<string, long>();
        await using var silo = await TestSilo.StartAsync(configure: static options => options.RequestTimeout = TimeSpan.FromSeconds(1));
        using var meters = Count(silo, counted);
        var session = silo.Connect();
        await session.OpenAsync();
        await silo.Converge(silo.Cluster.Options.Cluster.All);
        var client = RecordedContext();
        session.TraceParent = $"00-{client.TraceId}-{client.SpanId}-01";
        silo.Peers.Silent = ReplicaSet.Empty.With(new(0));

        await session.SubmitAsync([1]);
        await TestSilo.Eventually(() => Task.FromResult(Others("view-change").Length >= 3 && Others("reply").Length >= 3));

        var changes = Others("view-change");
        Assert.Equal([1, 2, 3], changes.Select(static span => (int)span.GetTagItem("pbft.replica")!).Order());
        Assert.All(changes, span =>
        {
            Assert.Equal((TraceIds.Of(silo.Cluster.Id, "view-change", 1), default), (span.TraceId, span.ParentSpanId));
            Assert.Equal((1L, 1), (span.GetTagItem("pbft.view"), span.GetTagItem("pbft.primary")));
            Assert.Contains(span.Links, link => link.Context.TraceId == client.TraceId);
        });
        Assert.Contains(changes, static span => span.GetTagItem("pbft.cause") is "RequestOverdue" && span.Events.Single().Name == "suspected");
        var order = Assert.Single(Others("order"));
        Assert.Equal((client.TraceId, 1), (order.TraceId, (int)order.GetTagItem("pbft.replica")!));
        Assert.True(counted["pbft.suspicions"] >= 2);
        Assert.True(counted["pbft.view_changes"] >= 3);
        Assert.True(counted["pbft.requests.overdue"] >= 2);
    }

    [Fact]
    public async Task A_checkpoint_has_one_trace_at_all_replicas()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => (options.CheckpointInterval, options.LogWindow) = (4, 8));
        var session = silo.Connect();
        await session.OpenAsync();

        for (byte i = 0; i < 3; i++) await session.SubmitAsync([i]);
        await TestSilo.Eventually(() => Task.FromResult(Named("checkpoint").Length == 4));

        var checkpoints = Named("checkpoint");
        Assert.Equal([0, 1, 2, 3], checkpoints.Select(static span => (int)span.GetTagItem("pbft.replica")!).Order());
        Assert.Equal(TraceIds.Of(silo.Cluster.Id, "checkpoint", 4), Assert.Single(checkpoints.Select(static span => span.TraceId).Distinct()));
        Assert.Single(checkpoints.Select(static span => span.GetTagItem("pbft.digest")).Distinct());
    }

    private static ActivityContext RecordedContext() => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private static MeterListener Count(TestSilo silo, ConcurrentDictionary<string, long> counted)
    {
        var own = silo.Instruments.Meter;
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, own)) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counted.AddOrUpdate(instrument.Name, value, (_, before) => before + value));
        listener.Start();
        return listener;
    }

    private Activity[] Named(string name) => [.. _spans.Where(span => span.OperationName == name)];

    /// <summary>The same of those that are not silent.</summary>
    private Activity[] Others(string name) => [.. Named(name).Where(static span => span.GetTagItem("pbft.replica") is not 0)];
}
