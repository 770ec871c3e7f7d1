using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The sequence diagram in text.</summary>
public sealed class TraceVerbTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task The_last_request_is_drawn_with_its_lanes_arrows_and_phases()
    {
        var put = await RunAsync("put", "traced", "x", "--json");
        var id = $"n{put.Json.GetProperty("sequence").GetInt64()}";
        var done = put.Json.GetProperty("replicas")[1].GetInt32(); // of the others some may still be at it

        var run = await RunAsync("trace", id);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith($"n {id[1..]} in view 0: 1 request of ", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n +client +0 primary +1 +2 +3\n", run.Output);
        Assert.Matches(@"\n +0\.000  \|-*request-*>\|", run.Output);
        Assert.Matches(@"-pre-prepare->\|", run.Output);
        Assert.Matches($@"\nreplica  {done}  pre-prepare \d.*  reply \d", run.Output);
        Assert.Equal((ExitCode.Done, id), await RunAsync("trace", id, "--json") is var json ? (json.ExitCode, json.Json.GetProperty("id").GetString()) : default);
        var list = await RunAsync("trace", "list", "--limit", "3");
        Assert.Contains(id, list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_kept_ends_with_not_found()
    {
        var run = await RunAsync("trace", "n123456");

        Assert.Equal((ExitCode.NotFound, "There is no trace 'n123456' here.\n"), (run.ExitCode, run.Errors));
    }

    [Fact]
    public async Task Of_a_federation_the_silos_must_be_named()
    {
        var run = await ConsoleRun.OfAsync("trace", "--config", "somewhere");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--silo http://127.0.0.1:5080", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_or_a_lie_has_a_head_of_its_own()
    {
        var text = Draw(
            new() { Kind = "prepare", From = 1, To = 2, SentUs = 10, ArrivedUs = 25 },
            new() { Kind = "commit", From = 3, To = 0, SentUs = 40, Mark = TraceMessageDocument.Missing, Note = "it never arrived" },
            new() { Kind = "commit", From = 2, To = 3, SentUs = 50, ArrivedUs = 60, Mark = TraceMessageDocument.Lying, Note = "votes for \u001b[31m" });

        Assert.Contains("     0.010  |               |----prepare--->|               |  +0.015\n", text, StringComparison.Ordinal);
        Assert.Contains("     0.040  |x...................commit.....................|  missing, it never arrived\n", text, StringComparison.Ordinal);
        Assert.Contains("     0.050  |               |               |----commit----!|  +0.010, lying, votes for \\u001b[31m", text, StringComparison.Ordinal);
        Assert.Contains("1 missing, 1 lying\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_diagram_has_a_row_for_each_sender_unless_all_is_asked_for()
    {
        var messages = Enumerable.Range(0, 4).SelectMany(from => Enumerable.Range(0, 4).Where(to => to != from).Select(to => new TraceMessageDocument
        {
            Kind = "commit",
            From = from,
            To = to,
            SentUs = 100 + from,
            ArrivedUs = 200,
            Mark = (from, to) == (1, 2) ? TraceMessageDocument.Missing : null,
        })).ToArray();
        TraceMessageDocument[] many = [.. messages, .. messages.Select(static one => one with { Kind = "prepare" }), .. messages.Select(static one => one with { Kind = "a" }),
            .. messages.Select(static one => one with { Kind = "b" }), .. messages.Select(static one => one with { Kind = "c" })];

        var brief = Draw(many);
        var all = TraceVerb.Describe(Document(many), eachMessage: true).Text;

        Assert.Contains("     0.101  commit        >   o   x   >\n", brief, StringComparison.Ordinal);
        Assert.True(all.Split('\n').Length > many.Length && brief.Split('\n').Length < many.Length);
    }

    [Fact]
    public void What_several_silos_tell_is_joined_and_each_arrow_says_who_told()
    {
        var first = Told(0, startsAt: 0, new() { Kind = "commit", From = 0, To = 1, SentUs = 10, Mark = TraceMessageDocument.Unseen },
            new() { Kind = "commit", From = 0, To = 2, SentUs = 10, Mark = TraceMessageDocument.Unseen },
            new() { Kind = "commit", From = 2, To = 0, ArrivedUs = 90, Mark = TraceMessageDocument.Unseen });
        var second = Told(1, startsAt: 5, new TraceMessageDocument { Kind = "commit", From = 0, To = 1, ArrivedUs = 20, Mark = TraceMessageDocument.Unseen });

        var joined = Traces.TraceMerge.Join([first, second]);

        Assert.Equal([0, 1], joined.Hosted);
        var arrow = Assert.Single(joined.Messages, static one => one is { From: 0, To: 1 });
        Assert.Equal((10L, 25L, null), (arrow.SentUs, arrow.ArrivedUs, arrow.Mark));
        Assert.Equal([0, 1], arrow.ToldBy!);
        Assert.Equal((TraceMessageDocument.Unseen, 10L, null), Assert.Single(joined.Messages, static one => one is { From: 0, To: 2 }) is var unseen
            ? (unseen.Mark, unseen.SentUs, unseen.ArrivedUs) : default);
        Assert.Equal([0], Assert.Single(joined.Messages, static one => one is { From: 2, To: 0 }).ToldBy!);
        Assert.Contains("told by 0 and 1", TraceVerb.Describe(joined, true).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Silos_that_contradict_each_other_are_shown_to()
    {
        var sent = Told(0, 0, new TraceMessageDocument { Kind = "commit", From = 0, To = 1, SentUs = 10, Mark = TraceMessageDocument.Unseen }) with { Digest = "aaaaaaaa" };
        var silent = Told(1, 0) with { Digest = "bbbbbbbb" };

        var joined = Traces.TraceMerge.Join([sent, silent]);

        Assert.Equal((TraceMessageDocument.Missing, "replica 1 tells of none"), Assert.Single(joined.Messages) is var arrow ? (arrow.Mark, arrow.Note) : default);
        Assert.Contains("the silos disagree on its digest: aaaaaaaa says replica 0, bbbbbbbb says replica 1", joined.Title, StringComparison.Ordinal);
    }

    private static string Draw(params TraceMessageDocument[] messages) => TraceVerb.Describe(Document(messages), eachMessage: false).Text;

    private static TraceDocument Told(int replica, long startsAt, params TraceMessageDocument[] messages) =>
        Document(messages) with { Hosted = [replica], Start = DateTime.UnixEpoch.AddMicroseconds(startsAt) };

    private static TraceDocument Document(TraceMessageDocument[] messages) => new()
    {
        Id = "n5",
        Kind = TraceDocument.RequestKind,
        Title = "n 5 in view 0",
        Start = DateTime.UnixEpoch,
        DurationUs = 100,
        Replicas = 4,
        Tolerated = 1,
        Quorum = 3,
        Hosted = [0, 1, 2, 3],
        View = 0,
        Primary = 0,
        Sequence = 5,
        Complete = true,
        Messages = messages,
        Phases = [],
        Events = [],
    };

    private Task<ConsoleRun> RunAsync(params string[] arguments) => ConsoleRun.OfAsync([.. arguments, "--endpoint", cluster.Address]);
}
