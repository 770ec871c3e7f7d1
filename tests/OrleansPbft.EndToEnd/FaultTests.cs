using System.Text.Json;

namespace OrleansPbft.EndToEnd;

/// <summary>Replicas made faulty on purpose through the HTTP API and the console of real processes. Each test leaves them healed.</summary>
public sealed class FaultTests(FaultySiloFixture fixture) : IClassFixture<FaultySiloFixture>
{
    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task A_fault_is_set_told_and_healed_and_answers_stay_right_meanwhile()
    {
        var (set, answer) = await SetAsync(2, "lie");
        var (put, _) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/fault", """{"value":"x"}""");
        var (_, got) = await Silo.SendAsync(HttpMethod.Get, "/v1/kv/fault");
        var (_, one) = await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/2/fault");
        var (_, status) = await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/2");
        var (healed, after) = await HealAsync(2);

        Assert.Equal((200, 200, 200), (set, put, healed));
        Assert.Equal((2, "lie"), (answer.GetProperty("replica").GetInt32(), answer.GetProperty("mode").GetString()));
        Assert.Equal((1, 1), (answer.GetProperty("faulty").GetInt32(), answer.GetProperty("tolerated").GetInt32()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("warning").ValueKind);
        Assert.Equal("x", got.GetProperty("value").GetString());
        Assert.DoesNotContain(2, got.GetProperty("replicas").EnumerateArray().Select(static id => id.GetInt32()));
        Assert.Equal("lie", one.GetProperty("mode").GetString());
        Assert.True(one.GetProperty("acts").GetInt64() > 0);
        Assert.Equal("lie", status.GetProperty("fault").GetString());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("mode").ValueKind);
        Assert.Equal(JsonValueKind.Null, (await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/2/fault")).Body.GetProperty("mode").ValueKind);
    }

    [Fact]
    public async Task Beyond_f_nothing_is_refused_and_a_sentence_warns()
    {
        await SetAsync(1, "drop:0.01");
        var (status, answer) = await SetAsync(3, "replay");
        var (_, all) = await Silo.SendAsync(HttpMethod.Get, "/v1/faults");
        await HealAsync(1);
        var (_, healed) = await HealAsync(3);

        Assert.Equal((200, 2, 1), (status, answer.GetProperty("faulty").GetInt32(), answer.GetProperty("tolerated").GetInt32()));
        Assert.Contains("2 replicas are faulty, and n = 4 tolerates 1", answer.GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            [null, "drop:0.01", null, "replay"], all.GetProperty("replicas").EnumerateArray().Select(static replica => replica.GetProperty("mode").GetString()));
        Assert.Contains("drop:<rate>", all.GetProperty("modes").EnumerateArray().Select(static mode => mode.GetString()));
        Assert.Equal(JsonValueKind.Null, healed.GetProperty("warning").ValueKind);
        Assert.Equal(0, healed.GetProperty("faulty").GetInt32());
    }

    [Theory]
    [InlineData("""{"mode":"lei"}""", "unknown-mode", "Did you mean lie?")]
    [InlineData("""{"mode":"drop"}""", "unknown-mode", "a rate from 0 to 1")]
    [InlineData("""{"mode":""}""", "unknown-mode", "The modes are")]
    [InlineData("""{"mode":null}""", "malformed", "mode")]
    [InlineData("""{"mode":7}""", "malformed", "$.mode")]
    [InlineData("""{}""", "malformed", "mode")]
    [InlineData("""{"mode":"lie","replica":3}""", "malformed", "replica")]
    [InlineData("", "malformed", "{\"mode\":\"lie\"}")]
    public async Task What_is_no_mode_is_400_and_says_what_is(string body, string code, string advice)
    {
        var (status, problem) = await Silo.SendAsync(HttpMethod.Post, "/v1/replicas/1/fault", body);

        Assert.Equal((400, code), (status, problem.GetProperty("code").GetString()));
        Assert.Contains(advice, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/1/fault")).Body.GetProperty("mode").ValueKind);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("-1")]
    public async Task A_replica_that_does_not_exist_is_404(string id)
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete, HttpMethod.Post])
        {
            var (status, problem) = await Silo.SendAsync(method, $"/v1/replicas/{id}/fault", method == HttpMethod.Post ? """{"mode":"lie"}""" : null);
            Assert.Equal((404, "not-found"), (status, problem.GetProperty("code").GetString()));
            Assert.Contains("there are 0 to 3", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_faults_are_not_enabled_it_is_403_and_says_which_setting_to_change()
    {
        await using var strict = await SiloProcess.StartAsync();
        foreach (var (method, path, body) in ((HttpMethod, string, string?)[])[
            (HttpMethod.Post, "/v1/replicas/2/fault", """{"mode":"lie"}"""), (HttpMethod.Delete, "/v1/replicas/2/fault", null),
            (HttpMethod.Get, "/v1/replicas/2/fault", null), (HttpMethod.Get, "/v1/faults", null)])
        {
            var (status, problem) = await strict.SendAsync(method, path, body);
            Assert.Equal((403, "faults-disabled"), (status, problem.GetProperty("code").GetString()));
            Assert.Contains("Pbft:FaultInjection:Enabled", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        var console = await RunAsync(strict, "fault", "2", "lie");
        Assert.Equal(1, console.ExitCode);
        Assert.Contains("Pbft:FaultInjection:Enabled", console.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_faults_are_enabled()
    {
        await using var silo = await SiloProcess.StartAsync("--Environment=Development");

        Assert.Equal(200, (await silo.SendAsync(HttpMethod.Get, "/v1/faults")).Status);
    }

    [Fact]
    public async Task The_console_makes_faulty_lists_and_heals()
    {
        var set = await RunAsync(Silo, "fault", "2", "wrong");
        var list = await RunAsync(Silo, "fault", "list");
        var status = await RunAsync(Silo, "status");
        var json = await RunAsync(Silo, "fault", "2", "heal", "--json");

        Assert.Equal((0, 0, 0), (set.ExitCode, list.ExitCode, json.ExitCode));
        Assert.Contains("replica 2 is faulty from now on: wrong", set.Output, StringComparison.Ordinal);
        Assert.Contains("1 faulty on purpose, 1 tolerated", set.Output, StringComparison.Ordinal);
        Assert.Contains("replica 2   wrong", list.Output, StringComparison.Ordinal);
        Assert.Contains("Normal, wrong", status.Output, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(json.Output).RootElement.GetProperty("mode").ValueKind);
    }

    [Fact]
    public async Task The_console_says_which_modes_and_which_replicas_there_are()
    {
        var mode = await RunAsync(Silo, "fault", "2", "lei");
        var replica = await RunAsync(Silo, "fault", "9", "lie", "--json");

        Assert.Equal((2, 3), (mode.ExitCode, replica.ExitCode));
        Assert.Contains("Did you mean lie?", mode.Errors, StringComparison.Ordinal);
        Assert.Equal("not-found", JsonDocument.Parse(replica.Output).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_console_can_be_censored_and_its_requests_come_through_by_the_others()
    {
        await using var console = ProgramProcess.Start("Client", [], ("Pbft__Client__Endpoint", Silo.Address.ToString()));
        await console.TypeAsync("fault 3 censor:me\nput censored yes\nfault 3 heal\n"u8.ToArray());

        Assert.Equal(0, await console.ExitAsync());
        Assert.Matches("replica 3 is faulty from now on: censor:[0-9a-f]{32}", console.Output);
        Assert.Contains("censored = yes", console.Output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(SiloProcess silo, params string[] arguments)
    {
        await using var console = ProgramProcess.Start("Client", arguments, ("Pbft__Client__Endpoint", silo.Address.ToString()));
        await console.TypeAsync(default);
        return (await console.ExitAsync(), console.Output, console.Errors);
    }

    private Task<(int Status, JsonElement Body)> SetAsync(int replica, string mode) =>
        Silo.SendAsync(HttpMethod.Post, $"/v1/replicas/{replica}/fault", $$"""{"mode":"{{mode}}"}""");

    private Task<(int Status, JsonElement Body)> HealAsync(int replica) => Silo.SendAsync(HttpMethod.Delete, $"/v1/replicas/{replica}/fault");
}
