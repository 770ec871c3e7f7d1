using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Tests;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The prompt against a real cluster: one connection for all lines, as long as there is one.</summary>
public sealed class PromptTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task What_the_prompt_was_opened_with_holds_for_its_lines()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address, "--json"], "put a b", "get nothing");

        Assert.Equal(ExitCode.NotFound, run.ExitCode);
        Assert.Empty(run.Errors);
        Assert.Contains("\"sequence\": 2", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"code\": \"not-found\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_says_otherwise_goes_elsewhere()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address], "get a --endpoint http://127.0.0.1:9");

        Assert.Equal("No cluster answers at http://127.0.0.1:9. Start one: dotnet run --project silo\n", run.Errors);
    }

    [Fact]
    public async Task All_lines_share_one_session()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address], "put a 1", "incr a", "incr a 40");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(
            ["a = 1", "a = 2", "a = 42"], // at 2, 3 and 4: the session was opened at 1, and no other
            run.Output.Split('\n').Where(static line => line.StartsWith("a =", StringComparison.Ordinal)));
        Assert.Contains("sequence 4,", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_line_with_an_open_quote_is_executed()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address], "put a b \"c", "get a");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Equal("A quote (\") is not closed. Nothing was sent.\nThere is no entry 'a'.\n", run.Errors);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_compared_with_those_that_were()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address], "put greeting hello", "get greting", "delete greting");

        Assert.Equal(ExitCode.NotFound, run.ExitCode);
        Assert.Equal(
            "There is no entry 'greting'. Did you mean 'greeting'?\nThere is no entry 'greting'. Did you mean 'greeting'?\n", run.Errors);
    }

    [Fact]
    public async Task Options_alone_open_no_second_prompt()
    {
        var run = await RunAsync(["--endpoint", _cluster.Address], "--json", "put a b");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.StartsWith("a = b\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_silo_is_gone_a_line_says_so_and_when_a_new_one_is_there_lines_work_again()
    {
        var lines = new ScriptedLines(
            () => Task.FromResult("put a b"),
            async () =>
            {
                await _cluster.StopAsync();
                return "get a";
            },
            async () =>
            {
                await _cluster.StartAsync();
                return "get a";
            },
            () => Task.FromResult("put a c"));
        var run = await ConsoleRun.OfAsync(["--endpoint", _cluster.Address, "--timeout", "5"], lines);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        var errors = run.Errors.Split('\n');
        Assert.Equal($"No cluster answers at {_cluster.Address}. Start one: dotnet run --project silo", errors[0]);
        Assert.StartsWith("This is another cluster than before: ", errors[1], StringComparison.Ordinal);
        Assert.Equal("There is no entry 'a'.", errors[2]);
        Assert.Contains("a = c\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_was_lost_is_not_waited_for()
    {
        await using var notices = new StringWriter();
        await using var session = new ConsoleSession(notices);
        var endpoint = new Uri(_cluster.Address);
        var forever = TimeSpan.FromHours(1);
        var before = await session.ConnectAsync(ClusterTarget.Silo(endpoint), forever, TestContext.Current.CancellationToken).InTime();
        await new OrleansPbft.Client.KeyValueClient(before).GetAsync("a", cancellationToken: TestContext.Current.CancellationToken).InTime();
        Assert.Same(before, await session.ConnectAsync(ClusterTarget.Silo(endpoint), forever, TestContext.Current.CancellationToken).InTime());

        await _cluster.StopAsync();
        await _cluster.StartAsync();
        await Task.Run(async () =>
        {
            while (session.IsConnected) await Task.Yield();
        }, TestContext.Current.CancellationToken).InTime();
        var after = await session.ConnectAsync(ClusterTarget.Silo(endpoint), forever, TestContext.Current.CancellationToken).InTime();

        Assert.NotEqual(before.Cluster.Id, after.Cluster.Id);
        Assert.Contains(after.Cluster.Id.ToString(), notices.ToString(), StringComparison.Ordinal);
        await new OrleansPbft.Client.KeyValueClient(after).GetAsync("a", cancellationToken: TestContext.Current.CancellationToken).InTime();
    }

    private static Task<ConsoleRun> RunAsync(string[] arguments, params string[] lines) =>
        ConsoleRun.OfAsync(arguments, new StringReader(string.Join('\n', lines)));
}
