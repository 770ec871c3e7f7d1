using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>Each verb against a real cluster: its text, its JSON, its exit code. Each test has keys of its own.</summary>
public sealed class VerbsTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task Put_and_get_show_the_value_and_who_agreed()
    {
        var put = await RunAsync("put", "greeting", "hello world");
        var get = await RunAsync("get", "greeting");

        Assert.All([put, get], static run =>
        {
            Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
            Assert.Matches(@"^greeting = hello world\n  version \d+, sequence \d+, view 0, agreed by replicas [0-3](, [0-3])+(, by quorum read)?\n$", run.Output);
        });
    }

    [Fact]
    public async Task Json_has_the_value_and_where_it_was_agreed()
    {
        await RunAsync("put", "json", "\"quoted\" é");

        var json = (await RunAsync("get", "json", "--json")).Json;

        Assert.Equal("\"quoted\" é", json.GetProperty("value").GetString());
        Assert.Equal(0, json.GetProperty("view").GetInt64());
        Assert.True(json.GetProperty("version").GetInt64() > 0 && json.GetProperty("sequence").GetInt64() > 0);
        Assert.InRange(json.GetProperty("replicas").GetArrayLength(), 2, 4);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_come_back_as_they_went_in()
    {
        byte[] bytes = [0xFF, 0x00, (byte)'\n', 0x80];
        var put = await ConsoleRun.OfAsync(["put", "bytes", "-", "--endpoint", cluster.Address], TextReader.Null, bytes);

        Assert.Equal(ExitCode.Done, put.ExitCode);
        Assert.Equal(System.Text.Encoding.Latin1.GetString(bytes), (await RunAsync("get", "bytes", "--raw")).Output);
        var json = (await RunAsync("get", "bytes", "--json")).Json;
        Assert.Equal(bytes, json.GetProperty("valueBase64").GetBytesFromBase64());
        Assert.False(json.TryGetProperty("value", out _));
        Assert.Contains("4 bytes that are no text", (await RunAsync("get", "bytes")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@/etc/hostname")]
    [InlineData("@nosuch")]
    [InlineData("-x")]
    [InlineData("")]
    [InlineData("[suggest]")]
    public async Task A_value_is_taken_as_it_is(string value)
    {
        var key = $"literal/{value}";
        Assert.Equal((ExitCode.Done, ""), await RunAsync("put", key, value) is var run ? (run.ExitCode, run.Errors) : default);
        Assert.Equal(value, (await RunAsync("get", key, "--json")).Json.GetProperty("value").GetString());
    }

    [Fact]
    public async Task What_is_not_there_is_3()
    {
        Assert.Equal((ExitCode.NotFound, "There is no entry 'nothing'.\n"), Failed(await RunAsync("get", "nothing")));
        Assert.Equal((ExitCode.NotFound, "There is no entry 'nothing'.\n"), Failed(await RunAsync("delete", "nothing")));
        Assert.Equal("not-found", (await RunAsync("get", "nothing", "--json")).Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Cas_writes_only_over_the_version_it_names()
    {
        var version = (await RunAsync("cas", "cas", "0", "first", "--json")).Json.GetProperty("version").GetInt64();

        Assert.Equal((ExitCode.Conflict, $"'cas' has version {version}; nothing changed.\n"), Failed(await RunAsync("cas", "cas", "0", "second")));
        Assert.Equal((ExitCode.Conflict, "There is no entry 'cas/none'; nothing changed.\n"), Failed(await RunAsync("cas", "cas/none", "7", "x")));
        var conflict = await RunAsync("put", "cas", "second", "--if-version", "0", "--json");
        Assert.Equal(ExitCode.Conflict, conflict.ExitCode);
        Assert.Equal(version, conflict.Json.GetProperty("error").GetProperty("version").GetInt64());
        Assert.Equal(ExitCode.Done, (await RunAsync("cas", "cas", $"{version}", "second")).ExitCode);
        Assert.StartsWith("cas = second\n", (await RunAsync("get", "cas")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Incr_counts_and_refuses_what_is_no_number_or_too_large()
    {
        Assert.StartsWith("n = 1\n", (await RunAsync("incr", "n")).Output, StringComparison.Ordinal);
        Assert.Equal(-4, (await RunAsync("incr", "n", "-5", "--json")).Json.GetProperty("value").GetInt64());

        await RunAsync("put", "n/text", "many");
        await RunAsync("put", "n/full", $"{long.MaxValue}");
        Assert.Equal((ExitCode.Conflict, "'n/text' holds no decimal number of 64 bits; nothing changed.\n"), Failed(await RunAsync("incr", "n/text")));
        Assert.Equal((ExitCode.Conflict, "The sum does not fit into 64 bits; 'n/full' did not change.\n"), Failed(await RunAsync("incr", "n/full")));
    }

    [Fact]
    public async Task Delete_takes_out_only_the_version_it_names()
    {
        var version = (await RunAsync("put", "gone", "x", "--json")).Json.GetProperty("version").GetInt64();

        Assert.Equal(ExitCode.Conflict, (await RunAsync("delete", "gone", "--if-version", $"{version + 1}")).ExitCode);
        Assert.StartsWith("gone is deleted\n", (await RunAsync("delete", "gone", "--if-version", $"{version}")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("get", "gone")).ExitCode);
    }

    [Fact]
    public async Task List_goes_on_after_the_key_it_names()
    {
        foreach (var key in (string[])["list/a", "list/b", "list/c"]) await RunAsync("put", key, "x");

        var first = await RunAsync("list", "list/", "--limit", "2");
        Assert.Matches(@"^list/a = x  \(version \d+\)\nlist/b = x  \(version \d+\)\n  more: --after 'list/b'\n", first.Output);
        var rest = (await RunAsync("list", "list/", "--after", "list/b", "--json")).Json;
        Assert.Equal(["list/c"], rest.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("key").GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        Assert.StartsWith("There are no such entries.\n", (await RunAsync("list", "nothing/")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_takes_the_services_own_encoding_from_the_line_or_a_file()
    {
        var operation = KeyValueOperation.Put("submitted", "x"u8);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, operation, TestContext.Current.CancellationToken);
            foreach (var run in (ConsoleRun[])[await RunAsync("submit", Convert.ToBase64String(operation), "--json"), await RunAsync("submit", "--file", path, "--json")])
            {
                Assert.Equal(ExitCode.Done, run.ExitCode);
                Assert.True(KeyValueResult.TryRead(run.Json.GetProperty("result").GetBytesFromBase64(), out var result));
                Assert.Equal(KeyValueOutcome.Written, result.Outcome);
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal((ExitCode.Failure, "The operation is malformed.\n"), Failed(await RunAsync("submit", "AQ==")));
        Assert.Equal(ExitCode.Failure, (await RunAsync("submit", "--file", path)).ExitCode);
    }

    [Fact]
    public async Task A_wrong_command_line_with_json_is_json_with_every_problem()
    {
        var run = await RunAsync("cas", "a", "newest", "b", "c", "--json");

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Errors));
        var error = run.Json.GetProperty("error");
        Assert.Equal("usage", error.GetProperty("code").GetString());
        Assert.Contains("newest", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("'c'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_say_how_they_were_made_and_can_be_ordered()
    {
        await RunAsync("put", "read/a", "x");

        var get = (await RunAsync("get", "read/a", "--json")).Json;
        var ordered = (await RunAsync("get", "read/a", "--ordered", "--json")).Json;
        var list = (await RunAsync("list", "read/", "--json")).Json;
        var orderedList = (await RunAsync("list", "read/", "--ordered", "--json")).Json;

        Assert.Equal(
            ["quorum", "ordered", "quorum", "ordered"],
            new[] { get, ordered, list, orderedList }.Select(static json => json.GetProperty("read").GetString()));
        Assert.True(ordered.GetProperty("sequence").GetInt64() > get.GetProperty("sequence").GetInt64());
        Assert.EndsWith(", by quorum read\n", (await RunAsync("get", "read/a")).Output, StringComparison.Ordinal);
        Assert.EndsWith(", ordered\n", (await RunAsync("list", "read/", "--ordered")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_replies_it_ends_in_time_with_5_and_says_that_it_may_be_executed()
    {
        cluster.Gateway.IsMute = true;
        try
        {
            var run = await RunAsync("put", "unanswered", "x", "--timeout", "0.2", "--json");

            Assert.Equal(ExitCode.NoQuorum, run.ExitCode);
            Assert.Equal("no-quorum", run.Json.GetProperty("error").GetProperty("code").GetString());
        }
        finally
        {
            cluster.Gateway.IsMute = false;
        }
    }

    private static (int ExitCode, string Errors) Failed(ConsoleRun run)
    {
        Assert.Empty(run.Output);
        return (run.ExitCode, run.Errors);
    }

    private Task<ConsoleRun> RunAsync(params string[] arguments) => ConsoleRun.OfAsync(["--endpoint", cluster.Address, .. arguments]);
}
