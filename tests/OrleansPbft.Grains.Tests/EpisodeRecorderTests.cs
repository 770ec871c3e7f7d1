using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Telemetry;

namespace OrleansPbft.Grains.Tests;

/// <summary>The spans of what a replica goes through once in a while, event by event (docs/telemetry.md).</summary>
[Collection(nameof(TelemetryTests))]
public sealed class EpisodeRecorderTests : IDisposable
{
    private static readonly ClusterId Cluster = new(0xCAFE);
    private static readonly ActivityContext Waiting = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private readonly PbftInstruments _instruments = new();
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly EpisodeRecorder _recorder;
    private readonly double? _before = TraceSampling.Ratio;

    public EpisodeRecorderTests()
    {
        _listener = RecordedSpans.Listen(_spans.Add);
        TraceSampling.Ratio = 0; // what is recorded here is recorded in any case
        _recorder = new(new(2), Cluster, checkpointInterval: 8, _instruments, static links => links.Add(new(Waiting)));
    }

    private Activity Span => Assert.Single(_spans);

    public void Dispose()
    {
        TraceSampling.Ratio = _before;
        _listener.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public void A_state_transfer_is_a_span_from_its_first_target_to_its_end()
    {
        Happen(ProtocolEventKind.TransferStarted, at: 100, sequence: 8);
        Happen(ProtocolEventKind.DonorDropped, at: 200, about: 3);
        Happen(ProtocolEventKind.TransferStarted, at: 300, sequence: 16);
        Happen(ProtocolEventKind.TransferCompleted, at: 400, sequence: 16, amount: 5000);

        Assert.Equal(("state-transfer", 300, default), (Span.OperationName, (int)Span.Duration.TotalMicroseconds, Span.ParentSpanId));
        Assert.Equal((2, 16L, "Completed", 5000L, "Behind"), (Tag("pbft.replica"), Tag("pbft.sequence"), Tag("pbft.outcome"), Tag("pbft.bytes"), Tag("pbft.cause")));
        Assert.Equal(["donor-dropped", "target-moved"], Span.Events.Select(static happened => happened.Name));
        Assert.Equal(Waiting, Assert.Single(Span.Links).Context);
        Assert.Equal(ActivityStatusCode.Unset, Span.Status);
    }

    [Fact]
    public void A_transfer_that_repairs_a_wrong_state_is_an_error()
    {
        Happen(ProtocolEventKind.StateDiverged, at: 90, sequence: 8);
        Happen(ProtocolEventKind.TransferStarted, at: 100, sequence: 8);
        Happen(ProtocolEventKind.TransferOvertaken, at: 200, sequence: 8);

        Assert.Equal((ActivityStatusCode.Error, "StateDiverged", "Diverged", "Overtaken"), (Span.Status, Tag("error.type"), Tag("pbft.cause"), Tag("pbft.outcome")));
    }

    /// <summary>A view that did not begin is an error of its own, under its own number; the next is another trace.</summary>
    [Fact]
    public void A_view_change_that_is_given_up_is_an_error_and_the_next_is_another_span()
    {
        Happen(ProtocolEventKind.Suspected, at: 50, view: 0, amount: (long)SuspicionCause.Equivocation);
        Happen(ProtocolEventKind.ViewChangeStarted, at: 100, view: 1);
        Happen(ProtocolEventKind.Suspected, at: 150, view: 1, amount: (long)SuspicionCause.NewViewOverdue);
        Happen(ProtocolEventKind.ViewChangeStarted, at: 200, view: 2);
        Happen(ProtocolEventKind.ViewEntered, at: 300, view: 2, about: 2);
        Happen(ProtocolEventKind.ViewChangeStarted, at: 400, view: 3);
        Happen(ProtocolEventKind.ViewEntered, at: 500, view: 3, about: 3);
        Happen(ProtocolEventKind.ViewEntered, at: 600, view: 7, about: 3);

        Assert.Equal(
            [(1L, "Equivocation", "NoNewView"), (2L, "NewViewOverdue", null), (3L, "Joined", null), (7L, "Shown", null)],
            _spans.Select(static span => ((long)span.GetTagItem("pbft.view")!, (string?)span.GetTagItem("pbft.cause"), (string?)span.GetTagItem("error.type"))));
        Assert.All(_spans, static span => Assert.Equal(TraceIds.Of(Cluster, "view-change", (long)span.GetTagItem("pbft.view")!), span.TraceId));
        Assert.Equal([100, 100, 100, 0], _spans.Select(static span => (int)span.Duration.TotalMicroseconds));
    }

    [Fact]
    public void A_checkpoint_that_is_not_chosen_is_no_span()
    {
        _recorder.OnExecuted(new(8), new(100));
        Happen(ProtocolEventKind.CheckpointStable, at: 200, sequence: 8);
        Assert.Empty(_spans);

        TraceSampling.Ratio = 1;
        _recorder.OnExecuted(new(15), new(300));
        Happen(ProtocolEventKind.CheckpointStable, at: 350, sequence: 24); // stable before it was executed here
        _recorder.OnExecuted(new(16), new(400));
        Happen(ProtocolEventKind.CheckpointStable, at: 500, sequence: 16);

        Assert.Equal(("checkpoint", 16L, 100), (Span.OperationName, Tag("pbft.sequence"), (int)Span.Duration.TotalMicroseconds));
    }

    [Fact]
    public void A_learner_recovers_from_its_first_word_to_its_taking_part()
    {
        Happen(ProtocolEventKind.LearnerJoined, at: 100);
        Happen(ProtocolEventKind.LearnerBounded, at: 200, sequence: 40, view: 2);
        Happen(ProtocolEventKind.TookPart, at: 300, sequence: 48, view: 2, amount: (long)LifeStage.Returned);

        Assert.Equal(("recovery", "Learner", 48L, 200), (Span.OperationName, Tag("pbft.cause"), Tag("pbft.sequence"), (int)Span.Duration.TotalMicroseconds));
        Assert.Equal("bounded", Assert.Single(Span.Events).Name);
    }

    [Fact]
    public void A_replica_that_takes_up_its_journal_recovers()
    {
        _recorder.OnRecovered(new(100), new(250), new(17), new(16));

        Assert.Equal(("recovery", 17L, 16L, 150), (Span.OperationName, Tag("pbft.sequence"), Tag("pbft.checkpoint"), (int)Span.Duration.TotalMicroseconds));
    }

    /// <summary>Nobody need tell the id of a trace that all replicas know; no two such traces have one.</summary>
    [Fact]
    public void The_id_of_a_common_trace_follows_from_the_cluster_the_kind_and_the_number()
    {
        Assert.Equal(TraceIds.Of(Cluster, "view-change", 1), TraceIds.Of(new(0xCAFE), "view-change", 1));
        Assert.Equal(4, new[]
        {
            TraceIds.Of(Cluster, "view-change", 1), TraceIds.Of(Cluster, "view-change", 2), TraceIds.Of(Cluster, "checkpoint", 1), TraceIds.Of(new(0xCAFF), "view-change", 1),
        }.Distinct().Count());
    }

    private object? Tag(string name) => Span.GetTagItem(name);

    private void Happen(ProtocolEventKind kind, long at, long sequence = 0, long view = 0, int about = 0, long amount = 0) =>
        _recorder.OnEvent(new(kind, new(view), new(sequence), default, new(about), amount, null), new(at));
}
