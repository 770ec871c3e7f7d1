using System.Text.Json;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The console without a silo: what it says of itself, of wrong command lines, and of nobody answering.</summary>
public sealed class ConsoleProgramTests
{
    // The discard port: nobody listens there, and nobody may.
    private const string Nowhere = "--endpoint=http://127.0.0.1:9";

    [Theory]
    [InlineData("frob", "frob")]
    [InlineData("put", "'value'")]
    [InlineData("get a b", "b")]
    [InlineData("incr a many", "many")]
    [InlineData("cas a newest b", "newest")]
    [InlineData("list --limit", "--limit")]
    [InlineData("get a --endpoint=here", "'here' is no address")]
    [InlineData("get a --timeout=0", "--timeout")]
    [InlineData("put a b --if-version=-1", "-1 is no version")]
    [InlineData("submit", "either")]
    [InlineData("submit %%%", "base64")]
    [InlineData("fault 2", "fault 2 lie")]
    [InlineData("fault two lie", "'two' is no replica's id")]
    [InlineData("fault -1 lie", "-1")]
    [InlineData("fault lsit", "Did you mean 'fault list'?")]
    [InlineData("fault list all", "stands alone")]
    [InlineData("fault 2 lie now", "now")]
    [InlineData("demo frob", "There are four-steps, silent,")]
    [InlineData("demo lie --generals 7", "has no generals")]
    [InlineData("demo lie --pause", "on a terminal")]
    [InlineData("demo generals --generals 3", "4 to 64")]
    [InlineData("demo generals --generals 4 --traitors 4", "0 to 3")]
    [InlineData("demo generals --traitors -1", "0 or more")]
    [InlineData("bench --clients=0 --reads=200", "--reads")]
    [InlineData("stauts", "'stauts'. Did you mean 'status'?")]
    [InlineData("put a b --if-versoin 3", "'--if-versoin'. Did you mean '--if-version'?")]
    [InlineData("get a --endpiont x", "'--endpiont'. Did you mean '--endpoint'?")]
    [InlineData("keys innit", "'innit'. Did you mean 'init'?")]
    [InlineData("demo lei", "'lei' is no scenario. Did you mean 'lie'?")]
    [InlineData("status --watch --interval 0", "0.1 to 3600")]
    public async Task A_wrong_command_line_is_2_and_says_what_is_wrong(string line, string what)
    {
        var (exitCode, output, errors) = await RunAsync(line.Split(' '));

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Empty(output);
        Assert.Contains(what, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("put a b")]
    [InlineData("get a")]
    [InlineData("delete a")]
    [InlineData("cas a 1 b")]
    [InlineData("incr a")]
    [InlineData("list")]
    [InlineData("fault")]
    [InlineData("fault list")]
    [InlineData("fault 2 lie")]
    [InlineData("fault 2 heal")]
    [InlineData("fault 2 censor:me")]
    [InlineData("submit AQ==")]
    [InlineData("status")]
    [InlineData("status --watch")]
    [InlineData("bench")]
    [InlineData("demo lie")]
    public async Task Without_a_silo_every_verb_says_so_in_one_line_and_how_to_start_one(string line)
    {
        var (exitCode, output, errors) = await RunAsync([.. line.Split(' '), Nowhere]);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Empty(output);
        Assert.Equal("No cluster answers at http://127.0.0.1:9. Start one: dotnet run --project silo\n", errors);
    }

    [Fact]
    public async Task With_json_an_error_is_json_too()
    {
        var (exitCode, output, errors) = await RunAsync(["get", "a", Nowhere, "--json"]);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Empty(errors);
        var error = JsonDocument.Parse(output).RootElement.GetProperty("error");
        Assert.Equal("unreachable", error.GetProperty("code").GetString());
        Assert.False(error.GetProperty("mayHaveExecuted").GetBoolean());
    }

    [Fact]
    public async Task Help_names_every_verb_and_every_exit_code()
    {
        var (exitCode, output, _) = await RunAsync(["--help"]);

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.All(
            (string[])["put", "get", "delete", "cas", "incr", "list", "submit", "status", "bench", "demo", "cost", "completion"],
            verb => Assert.Contains($"\n  {verb} ", output, StringComparison.Ordinal));
        Assert.Contains("3 not found, 4 conflict, 5 no quorum in time, 6 busy", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_prompt_runs_line_after_line_and_ends_with_the_first_failure()
    {
        var (exitCode, output, errors) = await RunAsync([], $"# a comment\n\nhelp get\nfrob\nget a {Nowhere}\nexit\nget never");

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("Read an entry.", output, StringComparison.Ordinal);
        Assert.Contains("'frob'", errors, StringComparison.Ordinal);
        Assert.Contains("No cluster answers", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("never", errors, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, string input = "")
    {
        using var reader = new StringReader(input);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var errors = new StringWriter { NewLine = "\n" };
        var exitCode = await ConsoleProgram.RunAsync(arguments, new(reader, output, errors));
        return (exitCode, output.ToString(), errors.ToString());
    }
}
