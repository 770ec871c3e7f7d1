using OrleansPbft.ClientConsole.Tests.Support;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What of the scenarios needs no cluster: their list, and simulated generals.</summary>
public sealed class DemoListTests
{
    [Fact]
    public async Task Alone_it_lists_the_scenarios_with_a_line_each()
    {
        var text = await ConsoleRun.OfAsync("demo");
        var json = await ConsoleRun.OfAsync("demo", "--json");

        string[] names = ["four-steps", "silent", "stuck", "wrong", "lie", "new-leader", "too-many", "generals"];
        Assert.Equal(names, text.Output.Split('\n').Take(names.Length).Select(static line => line.Split(' ')[0]));
        Assert.Equal(names, json.Json.GetProperty("demos").EnumerateArray().Select(static demo => demo.GetProperty("name").GetString()));
        Assert.Equal(ExitCode.Done, text.ExitCode);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(7, 2)]
    [InlineData(10, 3)]
    public async Task Simulated_loyal_generals_agree_with_up_to_a_third_of_traitors(int generals, int traitors)
    {
        var run = await ConsoleRun.OfAsync("demo", "generals", "--generals", $"{generals}", "--traitors", $"{traitors}", "--seed", "11", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.True(run.Json.GetProperty("asExpected").GetBoolean());
        Assert.Equal(3, run.Json.GetProperty("checks").GetArrayLength());
    }

    [Fact]
    public async Task More_traitors_are_shown_and_promise_nothing()
    {
        var run = await ConsoleRun.OfAsync("demo", "generals", "--generals", "4", "--traitors", "2", "--seed", "1");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Matches(@"That is what 2 traitors among 4 can do\.|Nothing guarantees it", run.Output);
        Assert.DoesNotContain("[ok]", run.Output, StringComparison.Ordinal);
    }
}
