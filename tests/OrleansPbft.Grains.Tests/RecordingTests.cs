using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Recording.Drawing;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>What a running silo's replicas did, joined into message sequence diagrams.</summary>
public sealed class RecordingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_request_without_a_fault_is_drawn_as_in_the_paper(int n)
    {
        await using var silo = await StartAsync(n);
        var id = await SubmitAsync(silo);
        var peers = n - 1;

        var trace = await DrawnAsync(silo, id, static trace => IsWhole(trace));

        Assert.Equal((1, peers, peers * peers, n * peers, n), (
            CountOf(trace, "request"), CountOf(trace, "pre-prepare"), CountOf(trace, "prepare"), CountOf(trace, "commit"), CountOf(trace, "reply")));
        Assert.Equal(1 + peers + (peers * peers) + (n * peers) + n, trace.Messages.Length);
        Assert.All(trace.Messages, static message => Assert.Null(message.Mark));
        Assert.DoesNotContain(trace.Messages, static message => message.From == message.To);
        Assert.Equal((n, (n - 1) / 3, 0L, 0, 1), (trace.Replicas, trace.Tolerated, trace.View, trace.Primary, trace.Requests));
        Assert.Equal(8, trace.Digest?.Length);
        Assert.Equal(0, trace.Messages.Min(static message => message.SentUs ?? message.ArrivedUs));
        Assert.All(trace.Messages.Where(IsBetweenReplicas), static message => Assert.True(message.ArrivedUs >= message.SentUs));
        Assert.All(Enumerable.Range(0, n), replica => Assert.Equal(
            ["pre-prepare", "prepare", "commit", "execute", "reply"], trace.Phases.Where(phase => phase.Replica == replica).Select(static phase => phase.Phase)));
        Assert.All(trace.Phases, phase => Assert.InRange(phase.EndedUs!.Value, phase.BeganUs, trace.DurationUs));
        var times = trace.Messages.Select(static one => one.SentUs ?? one.ArrivedUs).ToArray();
        Assert.Equal(times.Order(), times);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("crash")]
    public async Task What_a_silent_backup_was_to_send_is_missing(string fault)
    {
        await using var silo = await StartAsync(4);
        await MakeFaultyAsync(silo, 3, fault);
        var id = await SubmitAsync(silo);

        var trace = await DrawnAsync(silo, id, static trace => IsWhole(trace, without: 3) && MarkedFrom(trace, 3, TraceMessageDocument.Missing) == 7);

        Assert.Equal((3, 9, 12, 4), (CountOf(trace, "pre-prepare"), CountOf(trace, "prepare"), CountOf(trace, "commit"), CountOf(trace, "reply")));
        Assert.True(trace.Complete);
        Assert.All(trace.Messages.Where(static message => message.From == 3), message =>
        {
            Assert.Equal(TraceMessageDocument.Missing, message.Mark);
            Assert.Null(message.ArrivedUs);
            Assert.Equal(fault == "silent", message.SentUs is not null); // what it should have sent, and when
        });
        Assert.All(trace.Messages.Where(static message => IsBetweenReplicas(message) && message is { From: < 3, To: < 3 }), static message => Assert.NotNull(message.ArrivedUs));
        Assert.Equal(7 + (fault == "crash" ? 6 : 0), silo.History.List(10).Items.Single(item => item.Id == id).Anomalies); // what stands still gets nothing either
    }

    [Fact]
    public async Task Lies_are_marked_and_nobody_else_s_messages_are()
    {
        await using var silo = await StartAsync(4);
        await MakeFaultyAsync(silo, 2, "lie");
        var id = await SubmitAsync(silo);

        var trace = await DrawnAsync(silo, id, static trace => IsWhole(trace) && MarkedFrom(trace, 2, TraceMessageDocument.Lying) >= 4);

        Assert.All(trace.Messages.Where(static message => message.Mark == TraceMessageDocument.Lying), static message => Assert.Equal(2, message.From));
        Assert.Contains(trace.Messages, static message => message is { Kind: "reply", From: 2, Mark: TraceMessageDocument.Lying });
        Assert.Contains(trace.Messages, static message => message is { Kind: "prepare", From: 2, Mark: TraceMessageDocument.Lying });
        Assert.Contains(silo.History.NewestEvents(100), static what => what is { Kind: "MadeFaulty", Replica: 2, Severity: EventDocument.Fault });
        await TestSilo.Eventually(() => Task.FromResult(silo.History.NewestEvents(100).Any(static what => what is { Kind: "Accused", About: 2 })));
    }

    [Fact]
    public async Task A_wrong_answer_is_a_lie_and_what_leads_to_it_is_not()
    {
        await using var silo = await StartAsync(4);
        await MakeFaultyAsync(silo, 1, "wrong");
        var id = await SubmitAsync(silo);

        var trace = await DrawnAsync(silo, id, static trace => IsWhole(trace));

        var lie = Assert.Single(trace.Messages, static message => message.Mark == TraceMessageDocument.Lying);
        Assert.Equal(("reply", 1), (lie.Kind, lie.From));
    }

    [Fact]
    public async Task A_view_change_is_drawn_and_so_is_the_request_that_went_through_it()
    {
        await using var silo = await StartAsync(4, static options => options.StatusInterval = TimeSpan.FromMilliseconds(250));
        await SubmitAsync(silo);
        await MakeFaultyAsync(silo, 0, "silent");
        var client = silo.Connect(TimeSpan.FromMilliseconds(50));
        await client.OpenAsync();
        var accepted = await client.SubmitAsync([1]);

        var change = await DrawnAsync(silo, "v1", static trace => trace.Complete
            && trace.Messages.Count(static message => message is { Kind: "new-view", ArrivedUs: not null }) == 3
            && trace.Messages.All(static message => message.From != 0 || message.Mark is not null));
        var request = await DrawnAsync(silo, $"n{accepted.Reply.Sequence.Value}", static trace => trace.Complete && MarkedFrom(trace, 0, TraceMessageDocument.Missing) >= 3);

        Assert.Equal((TraceDocument.ViewChangeKind, 1L, 1), (change.Kind, change.View, change.Primary));
        Assert.All(change.Messages.Where(static message => message.Kind == "new-view"), static message => Assert.Equal(1, message.From));
        foreach (var kind in (string[])["suspect", "view-change"])
        {
            Assert.True(change.Messages.Where(message => message.Kind == kind && message.ArrivedUs is not null).Select(static message => message.From).Distinct().Count() >= 2);
        }

        Assert.All(change.Messages.Where(static message => message.From == 0), static message => Assert.Equal(TraceMessageDocument.Missing, message.Mark));
        Assert.Contains(change.Phases, static phase => phase is { Phase: "change", EndedUs: not null });
        Assert.Contains(change.Events, static what => what.Text.StartsWith("suspects view 0", StringComparison.Ordinal));
        Assert.True(request.View >= 1);
        Assert.Contains(silo.History.List(100, TraceDocument.ViewChangeKind).Items, static item => item.Id == "v1");
        Assert.Contains(silo.History.NewestEvents(1000), static what => what is { Kind: "ViewEntered", View: 1, About: 1 });
    }

    [Fact]
    public async Task A_checkpoint_is_drawn()
    {
        await using var silo = await StartAsync(4, static options => (options.CheckpointInterval, options.LogWindow) = (2, 8));
        await SubmitAsync(silo); // with the one that opens the session, that is two

        var trace = await DrawnAsync(silo, "c2", static trace => Arrived(trace) == 12 && trace.Phases.All(static phase => phase.EndedUs is not null) && trace.Phases.Length == 4);

        Assert.Equal(12, CountOf(trace, "checkpoint"));
        Assert.All(trace.Messages, static message => Assert.Null(message.Mark));
        Assert.True(trace.Complete);
        Assert.Equal((TraceDocument.CheckpointKind, 2L), (trace.Kind, trace.Sequence));
    }

    [Fact]
    public async Task Of_other_organisations_replicas_only_this_end_of_their_messages_is_known()
    {
        await using var silo = await StartAsync(4);
        var id = await SubmitAsync(silo);
        await DrawnAsync(silo, id, static trace => IsWhole(trace));
        var own = silo.History.RecorderOf(new(2))!.CopySlot(2)!;

        var scene = new Scene(new(4), ReplicaSet.Empty.With(new(2)), own.ExecutedAt + (10 * Scene.GraceUs));
        var trace = RequestDrawing.Draw(scene, 2, [null, null, own, null], (_, _) => default, static _ => []).ToDocument([]);

        Assert.Equal([2], trace.Hosted);
        Assert.True(trace.Complete);
        Assert.Equal((1, 2 + 3, 3 + 3, 1), (CountOf(trace, "pre-prepare"), CountOf(trace, "prepare"), CountOf(trace, "commit"), CountOf(trace, "reply")));
        Assert.All(trace.Messages.Where(IsBetweenReplicas), static message =>
        {
            Assert.Equal(TraceMessageDocument.Unseen, message.Mark);
            Assert.Equal((message.From == 2, message.To == 2), (message.SentUs is not null, message.ArrivedUs is not null));
        });
    }

    [Fact]
    public async Task Readers_see_whole_records_while_they_are_written()
    {
        await using var silo = await StartAsync(4);
        var client = silo.Connect(Long);
        await client.OpenAsync();
        using var over = new CancellationTokenSource();
        var drawn = 0;
        var reading = Task.Run(
            () =>
            {
                while (!over.IsCancellationRequested)
                {
                    foreach (var item in silo.History.List(20).Items)
                    {
                        if (silo.History.Find(item.Id) is not { } trace) continue;
                        drawn++;
                        var whole = trace.Messages.Where(static message => message is { SentUs: not null, ArrivedUs: not null });
                        Assert.All(whole, static message => Assert.True(message.SentUs <= message.ArrivedUs));
                        Assert.All(trace.Phases.Where(static phase => phase.EndedUs is not null), static phase => Assert.True(phase.BeganUs <= phase.EndedUs));
                        Assert.All(trace.Messages, static message => Assert.NotEqual(TraceMessageDocument.Lying, message.Mark));
                    }

                    silo.History.Measure();
                }
            },
            TestContext.Current.CancellationToken);

        for (var i = 0; i < 300; i++) await client.SubmitAsync([1]);
        await over.CancelAsync();
        await reading;

        Assert.True(drawn > 0);
        Assert.InRange(silo.History.List(1000, TraceDocument.RequestKind).Items.Length, 200, 256);
        Assert.Null(silo.History.Find("n1")); // 301 came after it
        Assert.NotNull(silo.History.Find("n301"));
        var live = silo.History.Measure();
        Assert.NotNull(live.Latency);
        Assert.Equal(120, live.History.Length);
        Assert.Contains(live.Phases, static phase => phase is { Replica: 3, Phase: "commit", Count: > 0 });
    }

    [Theory]
    [InlineData("n0")]
    [InlineData("n-1")]
    [InlineData("n99999999999999999999")]
    [InlineData("n3")]
    [InlineData("v1")]
    [InlineData("c128")]
    [InlineData("x1")]
    [InlineData("")]
    [InlineData("n")]
    public async Task What_is_not_kept_is_not_found(string id)
    {
        await using var silo = await StartAsync(1);
        await SubmitAsync(silo);

        Assert.Null(silo.History.Find(id));
        Assert.Equal("n2", silo.History.Find("last")?.Id);
        Assert.Equal(["n2", "n1"], silo.History.List(10).Items.Select(static item => item.Id));
        Assert.Contains("opens a session", silo.History.Find("n1")!.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_kept_where_that_is_not_wanted()
    {
        await using var silo = await StartAsync(4, static options => options.Telemetry.Recorder = false);
        await SubmitAsync(silo);
        await MakeFaultyAsync(silo, 1, "silent");

        Assert.False(silo.History.IsKept);
        Assert.Empty(silo.History.List(10).Items);
        Assert.Empty(silo.History.NewestEvents(10));
        Assert.Empty(silo.History.Measure().Phases);
    }

    // Nothing is sent again only because a busy machine takes long over it.
    private static Task<TestSilo> StartAsync(int replicas, Action<PbftOptions>? configure = null) => TestSilo.StartAsync(replicas, options =>
    {
        options.FaultInjection.Enabled = true;
        (options.StatusInterval, options.HeartbeatInterval) = (Long, Long);
        configure?.Invoke(options);
    });

    /// <summary>Has one request ordered, after the one that opens its session, and returns the id of its trace.</summary>
    private static async Task<string> SubmitAsync(TestSilo silo)
    {
        var client = silo.Connect(Long);
        await client.OpenAsync();
        return $"n{(await client.SubmitAsync([1])).Reply.Sequence.Value}";
    }

    private static Task<FaultStatus> MakeFaultyAsync(TestSilo silo, int replica, string fault) => silo.Grains.GetGrain<IReplicaGrain>(replica).SetFault(fault);

    /// <summary>The trace, once it is drawn so far.</summary>
    private static async Task<TraceDocument> DrawnAsync(TestSilo silo, string id, Predicate<TraceDocument> isDrawn)
    {
        TraceDocument? trace = null;
        await TestSilo.Eventually(() => Task.FromResult((trace = silo.History.Find(id)) is not null && isDrawn(trace)));
        return trace!;
    }

    /// <summary>Whether all that correct replicas sent, but for one that may be faulty, was there, and all of them answered.</summary>
    private static bool IsWhole(TraceDocument trace, int? without = null)
    {
        var n = trace.Replicas;
        return trace.Complete
            && trace.Messages.Count(IsBetweenReplicas) == (n - 1) + ((n - 1) * (n - 1)) + (n * (n - 1))
            && trace.Messages.All(message => !IsBetweenReplicas(message) || message.From == without || message.To == without || message.ArrivedUs is not null)
            && trace.Messages.Count(message => message.Kind == "reply" && (message.From == without || message.SentUs is not null)) == n;
    }

    private static bool IsBetweenReplicas(TraceMessageDocument message) => message is { From: >= 0, To: >= 0 };

    private static int Arrived(TraceDocument trace) => trace.Messages.Count(static message => IsBetweenReplicas(message) && message.ArrivedUs is not null);

    private static int CountOf(TraceDocument trace, string kind) => trace.Messages.Count(message => message.Kind == kind);

    private static int MarkedFrom(TraceDocument trace, int from, string mark) => trace.Messages.Count(message => message.From == from && message.Mark == mark);
}
