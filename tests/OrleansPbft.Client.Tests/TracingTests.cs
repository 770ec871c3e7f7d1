using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>Listeners, and how requests are sampled, are of the whole process: these tests run while no other does.</summary>
[CollectionDefinition(nameof(TracingTests), DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "It is one.")]
public sealed class TracingTestCollection;

/// <summary>The spans of clients (docs/telemetry.md).</summary>
[Collection(nameof(TracingTests))]
public sealed class TracingTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly ActivitySource _app = new("an app of the client library");
    private readonly double? _before = TraceSampling.Ratio;

    public TracingTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == PbftTelemetry.Name || source == _app,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.Source.Name == PbftTelemetry.Name) _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        TraceSampling.Ratio = _before;
        _listener.Dispose();
        _app.Dispose();
    }

    [Fact]
    public async Task A_request_and_the_session_it_opens_are_spans_whose_contexts_go_along()
    {
        TraceSampling.Ratio = 1;
        await using var it = new ClientUnderTest();
        var task = it.Submit();
        var open = await it.Transport.NextAsync();
        it.Reply(open, ReplyStatus.SessionOpened, replicas: [0, 1], session: 1, sequence: 3);
        var sent = await it.Transport.NextAsync();
        it.Reply(sent, ReplyStatus.Executed, replicas: [0, 1], sequence: 7);
        await task.InTime();

        var opening = Assert.Single(_spans, static span => span.OperationName == "open-session");
        var request = Assert.Single(_spans, static span => span.OperationName == "client");
        Assert.Equal((opening.Id, request.Id), (open.TraceParent, sent.TraceParent));
        Assert.Equal((request.TraceId, request.SpanId), (opening.TraceId, opening.ParentSpanId));
        Assert.Equal((default, 7L, 0L, 1), (request.ParentSpanId, request.GetTagItem("pbft.sequence"), request.GetTagItem("pbft.view"), request.GetTagItem("pbft.operations")));
        Assert.Equal(3L, opening.GetTagItem("pbft.sequence"));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task A_request_joins_the_trace_of_its_caller_and_leaves_it_alone()
    {
        TraceSampling.Ratio = 0;
        await using var it = new ClientUnderTest();
        using var outer = _app.StartActivity("caller")!;
        var (task, sent) = await it.SubmitFirstAsync();
        Assert.Same(outer, Activity.Current);
        it.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await task.InTime();

        var request = Assert.Single(_spans, static span => span.OperationName == "client");
        Assert.Equal((outer.TraceId, outer.SpanId), (request.TraceId, request.ParentSpanId));
    }

    /// <summary>A web server makes an activity of every request that no listener sees: what lies before it is the caller's.</summary>
    [Fact]
    public async Task An_activity_that_nobody_can_listen_to_is_passed_over()
    {
        TraceSampling.Ratio = 0;
        await using var it = new ClientUnderTest();
        using var inner = new Activity("HttpRequestIn").SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Start();
        var (task, sent) = await it.SubmitFirstAsync();
        it.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await task.InTime();

        var request = Assert.Single(_spans, static span => span.OperationName == "client");
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (request.TraceId.ToString(), request.ParentSpanId.ToString()));
    }

    [Fact]
    public async Task A_request_that_is_not_chosen_has_no_span_and_sends_no_context()
    {
        TraceSampling.Ratio = 0;
        await using var it = new ClientUnderTest();
        var (task, sent) = await it.SubmitFirstAsync();
        it.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await task.InTime();

        Assert.Null(sent.TraceParent);
        Assert.Empty(_spans);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_says_so()
    {
        TraceSampling.Ratio = 1;
        await using var it = new ClientUnderTest();
        var (task, sent) = await it.SubmitFirstAsync();
        it.Time.Advance(new PbftClientOptions().RetransmitAfter);
        var again = await it.Transport.NextAsync();
        it.Reply(again, ReplyStatus.Executed, replicas: [2, 3]);
        await task.InTime();

        var request = Assert.Single(_spans, static span => span.OperationName == "client");
        Assert.Equal(sent.TraceParent, again.TraceParent);
        var happened = Assert.Single(request.Events);
        Assert.Equal(("retransmission", "0,1,2,3"), (happened.Name, happened.Tags.Single(static tag => tag.Key == "pbft.peer").Value));
    }

    /// <summary>Errors are always recorded: nobody knew in time that the request would fail, so it has this one span.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_request_that_fails_is_told_of_whether_it_was_chosen_or_not(double ratio)
    {
        TraceSampling.Ratio = ratio;
        await using var it = new ClientUnderTest();
        var (task, _) = await it.SubmitFirstAsync();

        it.Time.Advance(TimeSpan.FromSeconds(11));

        await Assert.ThrowsAsync<PbftTimeoutException>(() => task.InTime());
        var request = Assert.Single(_spans, static span => span.OperationName == "client");
        Assert.Equal((ActivityStatusCode.Error, typeof(PbftTimeoutException).FullName), (request.Status, request.GetTagItem("error.type")));
        Assert.True(request.Recorded);
        Assert.Equal(ratio == 0, request.Duration >= TimeSpan.FromSeconds(10)); // written afterwards, by the client's clock
    }

    [Fact]
    public async Task Failures_without_number_are_told_of_in_small_number()
    {
        TraceSampling.Ratio = 0;
        await using var it = new ClientUnderTest();
        it.Transport.Close("gone");

        for (var i = 0; i < 1000; i++) await Assert.ThrowsAsync<PbftConnectionException>(() => it.Submit());

        Assert.Equal(10, _spans.Count);
    }

    [Fact]
    public async Task A_read_is_a_span_that_says_how_it_came_out()
    {
        TraceSampling.Ratio = 1;
        await using var it = new ClientUnderTest();
        var (task, sent) = await it.QueryAsync();
        it.ReplyToRead(sent, replicas: [0, 1, 2]);
        await task.InTime();

        var read = Assert.Single(_spans);
        Assert.Equal(("read", "accepted"), (read.OperationName, read.GetTagItem("pbft.outcome")));
    }
}
