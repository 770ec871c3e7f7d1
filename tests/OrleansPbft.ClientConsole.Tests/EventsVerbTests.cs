using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What happened in words, and how long phases take.</summary>
public sealed class EventsVerbTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task Events_are_lines_and_one_json_document()
    {
        await RunAsync("fault", "2", "slow");
        await RunAsync("fault", "2", "heal");

        var run = await RunAsync("events");
        var json = await RunAsync("events", "--limit", "1", "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Matches(@"\d\d:\d\d:\d\d\.\d\d\d  fault    replica 2 was made faulty on purpose: slow\n", run.Output);
        Assert.Matches(@"\d\d:\d\d:\d\d\.\d\d\d  info     replica 2 was healed\n", run.Output);
        Assert.Equal(1, json.Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_feed_gives_the_events_after_the_last_one_known()
    {
        await RunAsync("fault", "1", "slow");
        await RunAsync("fault", "1", "heal");
        var known = (await EventListDocument.FetchAsync(new(cluster.Address), cancellationToken: TestContext.Current.CancellationToken)).Items;

        var heard = new List<EventDocument>();
        await foreach (var what in EventFeed.FollowAsync(new(cluster.Address), known[^2].Id, TestContext.Current.CancellationToken)) heard.Add(what);

        Assert.Equal("replica 1 was healed", Assert.Single(heard, static what => what.Kind == "Healed").Text);
        Assert.DoesNotContain(heard, what => what.Id <= known[^2].Id);
    }

    [Theory]
    [InlineData("events", "--follow")]
    [InlineData("events")]
    [InlineData("phases", "--once")]
    [InlineData("phases")]
    [InlineData("trace")]
    public async Task Where_nobody_answers_that_is_said(params string[] verb)
    {
        var run = await ConsoleRun.OfAsync([.. verb, "--endpoint", "http://127.0.0.1:9"]);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.StartsWith("No cluster answers at http://127.0.0.1:9.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_event_says_can_not_steer_the_terminal()
    {
        var line = EventsVerb.LineOf(new()
        {
            Id = 1,
            At = DateTime.UnixEpoch,
            Replica = 0,
            Kind = "Halted",
            View = 0,
            Sequence = 0,
            Severity = EventDocument.Fault,
            Text = "replica 0 \u001b[2J",
        });

        Assert.Equal("00:00:00.000  fault    replica 0 \\u001b[2J", line);
    }

    [Fact]
    public async Task Phases_have_a_row_for_each_replica()
    {
        await RunAsync("put", "timed", "x");

        var run = await RunAsync("phases", "--once");
        var json = await RunAsync("phases", "--once", "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Contains("pre-prepare", run.Output, StringComparison.Ordinal);
        Assert.True(json.Json.GetProperty("phases").GetArrayLength() >= 4);
    }

    [Fact]
    public void An_idle_cluster_has_no_rows()
    {
        var result = PhasesVerb.Describe(
            new() { OperationsPerSecond = 0, BatchesPerSecond = 0, BatchMean = 0, Phases = [], History = [] }, new(TextReader.Null, TextWriter.Null, TextWriter.Null));

        Assert.Equal("0 operations/s in 0 batches/s of 0.0 requests\nNothing was ordered in the last ten seconds.", result.Text);
    }

    private Task<ConsoleRun> RunAsync(params string[] arguments) => ConsoleRun.OfAsync([.. arguments, "--endpoint", cluster.Address]);
}
