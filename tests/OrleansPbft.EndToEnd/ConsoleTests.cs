using System.Text;
using System.Text.Json;

namespace OrleansPbft.EndToEnd;

/// <summary>The console against a real silo, both as processes of their own.</summary>
public sealed class ConsoleTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Put_and_get_print_the_value_and_the_replicas_that_agreed()
    {
        var put = await RunAsync("put", "console/greeting", "hello");
        var get = await RunAsync("get", "console/greeting");

        Assert.Equal((0, 0), (put.ExitCode, get.ExitCode));
        foreach (var output in (string[])[put.Output, get.Output])
        {
            Assert.Contains("console/greeting = hello", output, StringComparison.Ordinal);
            Assert.Matches("agreed by replicas [0-3], [0-3]", output);
        }
    }

    [Fact]
    public async Task Every_verb_ends_with_the_exit_code_of_what_happened()
    {
        Assert.Equal(3, (await RunAsync("get", "console/verbs")).ExitCode);
        Assert.Equal(0, (await RunAsync("cas", "console/verbs", "0", "7")).ExitCode);
        Assert.Equal(4, (await RunAsync("cas", "console/verbs", "0", "8")).ExitCode);
        Assert.Equal(0, (await RunAsync("incr", "console/verbs", "-9")).ExitCode);
        Assert.Contains("console/verbs = -2", (await RunAsync("list", "console/verbs")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("put", "console/verbs", "word")).ExitCode);
        Assert.Equal(4, (await RunAsync("incr", "console/verbs")).ExitCode);
        Assert.Equal(0, (await RunAsync("delete", "console/verbs")).ExitCode);
        Assert.Equal(3, (await RunAsync("delete", "console/verbs")).ExitCode);
        Assert.Equal(1, (await RunAsync("put", "control\ncharacter", "x")).ExitCode);
        Assert.Equal(1, (await RunAsync("submit", "zw==")).ExitCode);
        Assert.Equal(0, (await RunAsync("status")).ExitCode);
        Assert.Equal(2, (await RunAsync("put", "console/verbs")).ExitCode);
        Assert.Equal(2, (await RunAsync("put", "console/verbs", new string('v', 70_000))).ExitCode);
    }

    [Fact]
    public async Task Json_answers_are_those_of_the_http_api()
    {
        var put = Parse(await RunAsync("put", "console/json", "v", "--json"));
        var get = Parse(await RunAsync("get", "console/json", "--json"));
        var (_, http) = await fixture.Silo.SendAsync(HttpMethod.Get, "/v1/kv/console%2Fjson");

        Assert.Equal(["key", "version", "view", "sequence", "replicas"], put.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("v", get.GetProperty("value").GetString());
        Assert.Equal(http.GetProperty("version").GetInt64(), get.GetProperty("version").GetInt64());
        Assert.Equal("not-found", Parse(await RunAsync("get", "console/nothing", "--json")).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Bytes_go_in_by_standard_input_and_come_out_raw()
    {
        byte[] value = [0, 255, 10, 27, 200];
        var put = await RunAsync(["put", "console/bytes", "-"], input: value);

        Assert.Equal(0, put.ExitCode);
        Assert.Contains("5 bytes that are no text", put.Output, StringComparison.Ordinal);
        Assert.Equal(value, Parse(await RunAsync("get", "console/bytes", "--json")).GetProperty("valueBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task The_prompt_keeps_one_session_over_all_lines()
    {
        var before = await SessionsAsync();
        var run = await RunAsync([], input: Encoding.UTF8.GetBytes("put console/p \"two words\"\nget console/p\nincr console/q\nincr console/q\n"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("console/p = two words", run.Output, StringComparison.Ordinal);
        Assert.Contains("console/q = 2", run.Output, StringComparison.Ordinal);
        Assert.Equal(before + 1, await SessionsAsync());
    }

    [Fact]
    public async Task A_benchmark_leaves_equal_states_and_says_so()
    {
        var run = await RunAsync(
            "bench", "--operations", "2000", "--clients", "8", "--bundle", "16", "--reads", "50", "--keys", "100", "--warmup", "0", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var report = Parse(run);
        Assert.Equal(2000, report.GetProperty("operations").GetInt64());
        Assert.Equal(125, report.GetProperty("requests").GetInt64());
        Assert.True(report.GetProperty("reads").GetInt64() > 0 && report.GetProperty("writes").GetInt64() > 0);
        Assert.Empty(report.GetProperty("errors").EnumerateObject());
        Assert.Equal(4, report.GetProperty("replicas").GetArrayLength());
        Assert.Single(report.GetProperty("replicas").EnumerateArray().Select(static replica => replica.GetProperty("stateDigest").GetString()).Distinct());
    }

    [Fact]
    public async Task A_benchmark_that_the_cluster_can_not_take_is_refused_before_it_begins()
    {
        var run = await RunAsync("bench", "--bundle", "1000", "--payload", "65536");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("RequestBytesMax", run.Errors, StringComparison.Ordinal);
    }

    private static JsonElement Parse((int ExitCode, string Output, string Errors) run) => JsonDocument.Parse(run.Output).RootElement;

    private async Task<long> SessionsAsync() =>
        (await fixture.Silo.SettledStatusAsync()).GetProperty("replicas")[0].GetProperty("sessions").GetInt64();

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(arguments, input: default);

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, ReadOnlyMemory<byte> input)
    {
        await using var console = ProgramProcess.Start("Client", arguments, ("Pbft__Client__Endpoint", fixture.Silo.Address.ToString()));
        await console.TypeAsync(input);
        return (await console.ExitAsync(), console.Output, console.Errors);
    }
}
