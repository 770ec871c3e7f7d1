using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Demos;
using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Tests;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>Every guided scenario against a real cluster: what it observes, what it checks, and that it leaves nothing broken.</summary>
public sealed class DemoTests(TestCluster cluster) : IClassFixture<TestCluster>, IAsyncDisposable
{
    private Uri Endpoint => new(cluster.Address);

    [Fact]
    public async Task Four_steps_end_with_equal_replies_of_all_replicas()
    {
        var story = await PlayAsync("four-steps");

        var request = Observations(story, "request").Single();
        Assert.Equal("1", request.GetProperty("accepted").GetProperty("says").GetString());
        Assert.True(request.GetProperty("accepted").GetProperty("replicas").GetArrayLength() >= 2);
        Assert.Single(request.GetProperty("sent")[0].GetProperty("to").EnumerateArray());
        Assert.DoesNotContain("Different", Verdicts(request));
        Assert.Equal(4, Observations(story, "broadcast-step").Single().GetProperty("lastExecuted").GetArrayLength());
    }

    [Fact]
    public async Task A_silent_backup_is_missed_by_nobody()
    {
        var story = await PlayAsync("silent");

        var (victim, requests) = WhileFaulty(story);
        Assert.Equal(3, requests.Length);
        Assert.All(requests, request => Assert.Equal("None", Verdicts(request)[victim]));
        Assert.Equal(["2", "3", "4"], requests.Select(Accepted));
    }

    [Fact]
    public async Task A_stuck_backup_repeats_its_first_answer_and_is_outvoted()
    {
        var story = await PlayAsync("stuck");

        var (victim, requests) = WhileFaulty(story);
        Assert.Equal(["2", "3", "4"], requests.Select(Accepted));
        Assert.Equal("Different", Verdicts(requests[^1])[victim]);
        Assert.Equal("2", requests[^1].GetProperty("replies")[victim].GetProperty("says").GetString());
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("lie")]
    public async Task What_a_wrong_or_lying_backup_says_is_shown_as_different_and_counts_for_nothing(string scenario)
    {
        var story = await PlayAsync(scenario);

        var (victim, requests) = WhileFaulty(story);
        Assert.Contains("Different", requests.Select(request => Verdicts(request)[victim]));
        Assert.DoesNotContain("Equal", requests.Select(request => Verdicts(request)[victim]));
        Assert.All(requests, request => Assert.DoesNotContain(
            victim, request.GetProperty("accepted").GetProperty("replicas").EnumerateArray().Select(static id => id.GetInt32())));
        Assert.Equal(["2", "3", "4"], requests.Take(3).Select(Accepted));
    }

    [Fact]
    public async Task A_liar_tells_two_clients_two_things_and_leaves_evidence()
    {
        var story = await PlayAsync("lie");

        Assert.Single(Observations(story, "lies"));
        Assert.NotEmpty(Observations(story, "evidence"));
    }

    [Fact]
    public async Task A_silent_primary_is_replaced_and_nothing_is_lost_or_doubled()
    {
        var story = await PlayAsync("new-leader");

        var views = Observations(story, "status").Select(static status => status.GetProperty("view").GetInt64()).ToArray();
        Assert.True(views[^1] > views[0]);
        Assert.NotEmpty(Observations(story, "views").Single().GetProperty("changes").EnumerateArray());
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], Observations(story, "request").Select(Accepted));
        Assert.Equal(2, Observations(story, "new-view").Single().GetProperty("requestTimeoutSeconds").GetDouble());
    }

    [Fact]
    public async Task With_f_plus_1_silent_nothing_is_answered_and_healed_the_same_request_completes_once()
    {
        var story = await PlayAsync("too-many");

        var requests = Observations(story, "request").ToArray();
        Assert.Equal(JsonValueKind.Null, requests[1].GetProperty("accepted").ValueKind); // the impatient one
        Assert.Equal(["1", "2", "3"], requests.Where(static request => request.GetProperty("accepted").ValueKind != JsonValueKind.Null).Select(Accepted));
        Assert.Equal(
            Observations(story, "waiting").Single().GetProperty("number").GetInt64(), requests[2].GetProperty("number").GetInt64());
        Assert.True(requests[2].GetProperty("sent").GetArrayLength() > 1);
    }

    [Fact]
    public async Task Loyal_generals_decide_the_same()
    {
        var story = await PlayAsync("generals");

        var decisions = Observations(story, "decisions").Single();
        var decided = decisions.GetProperty("loyal").EnumerateArray().Select(static general => general.GetProperty("decides").GetString()).ToArray();
        Assert.Equal(3, decided.Length);
        Assert.Single(decided.Distinct());
        Assert.Contains(decided[0], (string[])[Council.Attack, Council.Retreat]);
        Assert.Single(decisions.GetProperty("traitors").EnumerateArray());
    }

    [Fact]
    public async Task More_traitors_than_a_running_cluster_tolerates_are_refused()
    {
        var run = await RunAsync("demo", "generals", "--traitors", "2", "--json");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--generals 4 --traitors 2", run.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        await AssertHealedAsync();
    }

    [Fact]
    public async Task It_is_told_while_it_happens_and_ends_with_its_point()
    {
        var run = await RunAsync("demo", "stuck");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("demo stuck: ", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n     replica \d   2  .* sequence \d+ .*DIFFERENT\n", run.Output);
        Assert.Contains("[ok] every answer is right: 2, 3, 4\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nThe point: ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT AS EXPECTED", run.Output, StringComparison.Ordinal);
        await AssertHealedAsync();
    }

    [Fact]
    public async Task What_was_expected_and_is_not_observed_is_a_failure_that_says_so()
    {
        cluster.Faults.HaveEffect = false;
        var run = await RunAsync("demo", "silent", "--json");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.False(run.Json.GetProperty("asExpected").GetBoolean());
        Assert.Equal("not-as-expected", run.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("answered none of them", run.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_faults_are_not_allowed_it_says_which_setting_to_change_and_tells_nothing()
    {
        cluster.Faults.AreAllowed = false;
        var run = await RunAsync("demo", "lie");

        Assert.Equal((ExitCode.Failure, ""), (run.ExitCode, run.Output));
        Assert.Contains("Pbft:FaultInjection:Enabled", run.Errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await RunAsync("demo", "four-steps")).ExitCode);
    }

    [Fact]
    public async Task On_a_cluster_that_is_faulty_already_it_says_whom_to_heal()
    {
        await FaultAnswer.SetAsync(Endpoint, 2, "drop:0.01", TestContext.Current.CancellationToken);
        var run = await RunAsync("demo", "silent");
        await FaultAnswer.SetAsync(Endpoint, 2, null, TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Failure, ""), (run.ExitCode, run.Output));
        Assert.Contains("client fault 2 heal", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ended_early_it_heals_what_it_broke()
    {
        using var interrupt = new CancellationTokenSource();
        cluster.Faults.OnSet = interrupt.Cancel;
        await using var output = new StringWriter();
        var narrator = new Narrator(new(TextReader.Null, output, TextWriter.Null), isJson: false, pauses: false);
        var result = await DemoRun.PlayAsync(new TooManyDemo(), Endpoint, TimeSpan.FromSeconds(10), narrator, interrupt.Token).InTime();

        Assert.Equal((ExitCode.Failure, "stopped"), (result.ExitCode, result.Json["error"]!["code"]!.GetValue<string>()));
        Assert.Contains("is faulty from now on: silent", output.ToString(), StringComparison.Ordinal);
        await AssertHealedAsync();
    }

    [Fact]
    public async Task With_pause_every_step_but_the_first_waits_for_enter()
    {
        var pressed = 0;
        await using var output = new StringWriter();
        var io = new ConsoleIo(TextReader.Null, output, TextWriter.Null)
        {
            ReadsTerminal = true,
            EnterAsync = _ =>
            {
                pressed++;
                return Task.CompletedTask;
            },
        };
        var exitCode = await ConsoleProgram.RunAsync(["demo", "four-steps", "--pause", "--endpoint", cluster.Address], io).InTime();

        Assert.Equal((ExitCode.Done, 2), (exitCode, pressed));
    }

    public ValueTask DisposeAsync()
    {
        cluster.Faults.AreAllowed = true;
        cluster.Faults.HaveEffect = true;
        cluster.Faults.OnSet = static () => { };
        return ValueTask.CompletedTask;
    }

    /// <summary>Plays a scenario that ends as expected and leaves nothing broken.</summary>
    private async Task<JsonElement> PlayAsync(string scenario)
    {
        var run = await RunAsync("demo", scenario, "--json");
        Assert.True(run.ExitCode == ExitCode.Done, run.Output + run.Errors);
        Assert.True(run.Json.GetProperty("asExpected").GetBoolean());
        Assert.NotEmpty(run.Json.GetProperty("checks").EnumerateArray());
        await AssertHealedAsync();
        return run.Json;
    }

    private Task<ConsoleRun> RunAsync(params string[] arguments) => ConsoleRun.OfAsync([.. arguments, "--endpoint", cluster.Address]);

    private async Task AssertHealedAsync() =>
        Assert.Equal(0, (await FaultsDocument.FetchAsync(Endpoint, TestContext.Current.CancellationToken)).Faulty);

    private static IEnumerable<JsonElement> Observations(JsonElement story, string kind) => story.GetProperty("steps").EnumerateArray()
        .SelectMany(static step => step.GetProperty("observations").EnumerateArray()).Where(observed => observed.GetProperty("kind").GetString() == kind);

    /// <summary>The one faulty replica, and the requests that were asked while it was.</summary>
    private static (int Victim, JsonElement[] Requests) WhileFaulty(JsonElement story)
    {
        var all = story.GetProperty("steps").EnumerateArray().SelectMany(static step => step.GetProperty("observations").EnumerateArray()).ToArray();
        var from = Array.FindIndex(all, static observed => observed.GetProperty("kind").GetString() == "fault");
        var to = Array.FindIndex(all, static observed => observed.GetProperty("kind").GetString() == "healed");
        return (all[from].GetProperty("replica").GetInt32(), [.. all[from..to].Where(static observed => observed.GetProperty("kind").GetString() == "request")]);
    }

    private static string[] Verdicts(JsonElement request) =>
        [.. request.GetProperty("replies").EnumerateArray().Select(static reply => reply.GetProperty("verdict").GetString()!)];

    private static string Accepted(JsonElement request) => request.GetProperty("accepted").GetProperty("says").GetString()!;
}
