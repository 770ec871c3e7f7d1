using System.Collections.Immutable;
using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Telemetry;

namespace OrleansPbft.Grains.Tests;

/// <summary>What recording costs where nothing is recorded, and what it says of phases that are over before they are performed.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class RecorderTests : IDisposable
{
    private static readonly Batch Batch = new(new(1), ImmutableArray.Create(new Request(new(new(7), new(1), 1), [], default)), default, default);

    private readonly PbftInstruments _instruments = new();
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly double? _before = TraceSampling.Ratio;

    public RecorderTests()
    {
        _listener = new()
        {
            ShouldListenTo = static source => source.Name == PbftTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        TraceSampling.Ratio = _before;
        _listener.Dispose();
        _instruments.Dispose();
    }

    /// <summary>Somebody listens, and this request is not sampled: nothing is allocated for it, from its arrival to its execution.</summary>
    [Fact]
    public void A_request_that_is_not_sampled_allocates_nothing()
    {
        TraceSampling.Ratio = 0;
        var phases = NewPhases();
        var orders = new OrderRecorder(new(0));
        var requests = new RequestTraces(beginsTraces: false);
        var peers = new PeerProgress(4);
        var proposals = Enumerable.Range(1, 1001).Select(static n => new PrePrepare(new(0), new(n), Batch, new(0))).ToArray();
        Run(proposals[0]);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var proposal in proposals.AsSpan(1)) Run(proposal);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Empty(_spans);

        void Run(PrePrepare proposal)
        {
            var n = proposal.Sequence.Value;
            orders.OnArrived(Batch.Requests[0], traceParent: null, new(n));
            Assert.Null(orders.OnProposed(Event(ProtocolEventKind.Proposed, n), new(n)));
            phases.OnProposalArrived(proposal, traceParent: null, new(n));
            phases.OnEvent(Event(ProtocolEventKind.PrePrepared, n), new(n));
            phases.OnEvent(Event(ProtocolEventKind.Prepared, n), new(n));
            peers.OnInput(Input.Of(new Vote(VotePhase.Commit, new(0), new(n), default, new(1))));
            phases.OnExecuted(new(n - 1), new(n), new(n), new(n));
            phases.OnEvent(Event(ProtocolEventKind.Committed, n), new(n));
            phases.OnEvent(Event(ProtocolEventKind.Executed, n), new(n));
            requests.OnExecuted(Batch);
            phases.OnReplied([]);
        }
    }

    /// <summary>One drain prepares, commits and executes, and performs all of it later: each phase ends no later than the next begins, and executing is as long
    /// as it was.</summary>
    [Fact]
    public void Executing_is_measured_where_it_is_done()
    {
        var phases = NewPhases();
        phases.OnProposalArrived(new(new(0), new(5), Batch, new(0)), $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01", new(100));
        phases.OnEvent(Event(ProtocolEventKind.PrePrepared, 5), new(150));

        phases.OnExecuted(new(4), new(5), new(200), new(260));
        phases.OnEvent(Event(ProtocolEventKind.Prepared, 5), new(900));
        phases.OnEvent(Event(ProtocolEventKind.Committed, 5), new(900));
        phases.OnEvent(Event(ProtocolEventKind.Executed, 5), new(900));

        Assert.Equal(
            [("pre-prepare", 50), ("prepare", 50), ("commit", 0), ("execute", 60)],
            _spans.Select(static span => (span.OperationName, (int)span.Duration.TotalMicroseconds)));
        Assert.Equal(HostClock.ToTime(new(200)).UtcDateTime, _spans[^1].StartTimeUtc);
    }

    /// <summary>What a primary proposes again after a view change belongs to the trace it had; what another proposes in its place does not.</summary>
    [Fact]
    public void Another_proposal_at_the_same_place_is_another_trace()
    {
        var phases = NewPhases();
        var (first, second) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        phases.OnProposalArrived(new(new(0), new(5), Batch, new(0)), $"00-{first}-{ActivitySpanId.CreateRandom()}-01", new(100));
        phases.OnProposalArrived(new(new(0), new(5), Batch, new(0)), $"00-{second}-{ActivitySpanId.CreateRandom()}-01", new(110)); // a copy
        phases.OnEvent(Event(ProtocolEventKind.PrePrepared, 5), new(150));
        phases.OnEvent(Event(ProtocolEventKind.PrePrepared, 5, view: 1), new(400)); // chosen by the NEW-VIEW
        phases.OnProposalArrived(new(new(2), new(5), Batch, new(2)), $"00-{second}-{ActivitySpanId.CreateRandom()}-01", new(500));
        phases.OnEvent(Event(ProtocolEventKind.PrePrepared, 5, view: 2), new(600));
        var links = new List<ActivityLink>();
        phases.AddLinksTo(links, linksMax: 10);

        Assert.Equal([(first, 0L), (first, 1L), (second, 2L)], _spans.Select(static span => (span.TraceId, (long)span.GetTagItem("pbft.view")!)));
        Assert.Equal([second], links.Select(static link => link.Context.TraceId));
    }

    /// <summary>Of several recorded requests in a batch, the first has the phases; the others' traces lead to them.</summary>
    [Fact]
    public void Recorded_requests_of_one_batch_lead_to_one_another()
    {
        TraceSampling.Ratio = 0;
        var orders = new OrderRecorder(new(0));
        var requests = Enumerable.Range(1, 3).Select(static i => new Request(new(new(7), new(1), i), [], default)).ToArray();
        var traces = requests.Select(static _ => ActivityTraceId.CreateRandom()).ToArray();
        for (var i = 0; i < 3; i++) orders.OnArrived(requests[i], i == 1 ? null : $"00-{traces[i]}-{ActivitySpanId.CreateRandom()}-01", new(i));

        var batch = new Batch(new(1), [.. requests], default, default);
        var sent = orders.OnProposed(Event(ProtocolEventKind.Proposed, 1) with { Batch = batch }, new(10));

        Assert.Equal([traces[0], traces[2]], _spans.Select(static span => span.TraceId));
        Assert.Equal(_spans[0].Id, sent);
        Assert.Empty(_spans[0].Links);
        Assert.Equal(_spans[0].SpanId, Assert.Single(_spans[1].Links).Context.SpanId);
    }

    /// <summary>Who has everything traced is not heard for all of it, and what never is ordered makes room for what comes.</summary>
    [Fact]
    public void What_others_have_traced_is_bounded_in_a_second_and_at_a_time()
    {
        var traces = new RequestTraces(beginsTraces: false);
        var requests = Enumerable.Range(1, 1000).Select(static i => new Request(new(new(7), new(1), i), [], default)).ToArray();
        var parent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

        foreach (var request in requests.AsSpan(0, 500)) traces.OnArrived(request, parent, new(1_000_000 + request.Id.Number));
        Assert.Equal(TraceBudget.BatchesPerSecondMax, traces.Count);
        foreach (var request in requests.AsSpan(500)) traces.OnArrived(request, parent, new(1_000_000 * request.Id.Number));

        Assert.Equal(256, traces.Count);
        Assert.Equal((null, parent), (traces.TraceParentOf(requests[0]), traces.TraceParentOf(requests[^1])));
        traces.OnExecuted(new(new(1), [.. requests], default, default));
        Assert.Equal(0, traces.Count);
    }

    private static ProtocolEvent Event(ProtocolEventKind kind, long sequence, long view = 0) => new(kind, new(view), new(sequence), default, default, 1, Batch);

    private PhaseRecorder NewPhases() => new(new(1), window: 16, _instruments, new(TimeProvider.System));
}
