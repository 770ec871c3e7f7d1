using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.Services;

namespace OrleansPbft.EndToEnd;

/// <summary>The HTTP API of a real silo process.</summary>
public sealed class HttpApiTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private SiloProcess Silo => fixture.Silo;

    [Theory]
    [InlineData("/v1/kv/how-read", "quorum")]
    [InlineData("/v1/kv/how-read?ordered=true", "ordered")]
    [InlineData("/v1/kv?prefix=how-read&ordered=false", "quorum")]
    [InlineData("/v1/kv?prefix=how-read&ordered=true", "ordered")]
    public async Task Reads_are_not_ordered_unless_that_is_asked_for(string path, string how)
    {
        var (_, put) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/how-read", """{"value":"x"}""");

        var (status, got) = await Silo.SendAsync(HttpMethod.Get, path);

        Assert.Equal(200, status);
        Assert.Equal(how, got.GetProperty("read").GetString());
        Assert.True(got.GetProperty("sequence").GetInt64() >= put.GetProperty("sequence").GetInt64());
        Assert.False(put.TryGetProperty("read", out _));
    }

    [Fact]
    public async Task What_is_put_is_read_and_names_the_replicas_that_agreed()
    {
        var (putStatus, put) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/greeting", """{"value":"hello"}""");
        var (getStatus, got) = await Silo.SendAsync(HttpMethod.Get, "/v1/kv/greeting");

        Assert.Equal((200, 200), (putStatus, getStatus));
        Assert.Equal("greeting", put.GetProperty("key").GetString());
        Assert.Equal("hello", got.GetProperty("value").GetString());
        Assert.Equal(put.GetProperty("version").GetInt64(), got.GetProperty("version").GetInt64());
        Assert.True(got.GetProperty("sequence").GetInt64() >= put.GetProperty("sequence").GetInt64());
        foreach (var answer in (ReadOnlySpan<JsonElement>)[put, got])
        {
            var replicas = answer.GetProperty("replicas").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            Assert.True(replicas.Length >= 2, "f + 1 = 2 replicas must agree");
            Assert.Equal(replicas.Distinct().Count(), replicas.Length);
            Assert.All(replicas, id => Assert.InRange(id, 0, 3));
            Assert.Equal(0, answer.GetProperty("view").GetInt64());
        }
    }

    [Fact]
    public async Task A_write_can_depend_on_the_version_and_a_conflict_tells_the_current_one()
    {
        var (created, first) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/versioned", """{"value":"1","ifVersion":0}""");
        var (again, conflict) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/versioned", """{"value":"2","ifVersion":0}""");
        var version = first.GetProperty("version").GetInt64();
        var (updated, second) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/versioned", $$"""{"value":"3","ifVersion":{{version}}}""");
        var (stale, _) = await Silo.SendAsync(HttpMethod.Delete, $"/v1/kv/versioned?ifVersion={version}");

        Assert.Equal((200, 409, 200, 409), (created, again, updated, stale));
        Assert.Equal("conflict", conflict.GetProperty("code").GetString());
        Assert.Equal(version, conflict.GetProperty("version").GetInt64());
        Assert.True(second.GetProperty("version").GetInt64() > version);
        Assert.Equal("3", (await Silo.SendAsync(HttpMethod.Get, "/v1/kv/versioned")).Body.GetProperty("value").GetString());
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/short-lived", """{"value":"x"}""");

        Assert.Equal(200, (await Silo.SendAsync(HttpMethod.Delete, "/v1/kv/short-lived")).Status);
        Assert.Equal(404, (await Silo.SendAsync(HttpMethod.Delete, "/v1/kv/short-lived")).Status);
        Assert.Equal(404, (await Silo.SendAsync(HttpMethod.Get, "/v1/kv/short-lived")).Status);
    }

    [Fact]
    public async Task Increments_of_many_callers_at_once_are_each_counted_once()
    {
        const int Callers = 64;

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Silo.SendAsync(HttpMethod.Post, "/v1/kv/counted/increment", """{"by":3}""")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(
            Enumerable.Range(1, Callers).Select(i => 3L * i),
            answers.Select(answer => answer.Body.GetProperty("value").GetInt64()).Order());
        Assert.Equal("192", (await Silo.SendAsync(HttpMethod.Get, "/v1/kv/counted")).Body.GetProperty("value").GetString());
    }

    [Fact]
    public async Task An_increment_is_of_one_by_default_and_only_of_numbers()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/word", """{"value":"word"}""");
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/brim", """{"value":"9223372036854775807"}""");

        Assert.Equal(1, (await Silo.SendAsync(HttpMethod.Post, "/v1/kv/by-one/increment")).Body.GetProperty("value").GetInt64());
        Assert.Equal(2, (await Silo.SendAsync(HttpMethod.Post, "/v1/kv/by-one/increment", "{}")).Body.GetProperty("value").GetInt64());
        var (word, notANumber) = await Silo.SendAsync(HttpMethod.Post, "/v1/kv/word/increment");
        var (brim, overflow) = await Silo.SendAsync(HttpMethod.Post, "/v1/kv/brim/increment");
        Assert.Equal((409, "not-a-number"), (word, notANumber.GetProperty("code").GetString()));
        Assert.Equal((409, "overflow"), (brim, overflow.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_range_comes_in_pages_in_the_order_of_keys()
    {
        foreach (var key in (string[])["page/c", "page/a", "page/b", "pagf"])
        {
            await Silo.SendAsync(HttpMethod.Put, $"/v1/kv/{Uri.EscapeDataString(key)}", $$"""{"value":"of {{key}}"}""");
        }

        var (_, first) = await Silo.SendAsync(HttpMethod.Get, "/v1/kv?prefix=page/&limit=2");
        var next = first.GetProperty("next").GetString();
        var (_, rest) = await Silo.SendAsync(HttpMethod.Get, $"/v1/kv?prefix=page/&limit=2&after={Uri.EscapeDataString(next!)}");

        Assert.Equal(["page/a", "page/b"], first.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()));
        Assert.Equal("page/b", next);
        var last = Assert.Single(rest.GetProperty("items").EnumerateArray());
        Assert.Equal(("page/c", "of page/c"), (last.GetProperty("key").GetString(), last.GetProperty("value").GetString()));
        Assert.True(last.GetProperty("version").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Values_that_are_no_text_go_in_and_out_in_base64()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/bytes", """{"valueBase64":"/wA="}""");

        var (_, got) = await Silo.SendAsync(HttpMethod.Get, "/v1/kv/bytes");

        Assert.Equal("/wA=", got.GetProperty("valueBase64").GetString());
        Assert.False(got.TryGetProperty("value", out _));
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("100%25", "100%")]
    [InlineData("%2541", "%41")]
    [InlineData("a+b", "a+b")]
    [InlineData("gr%C3%BC%C3%9Fe", "grüße")]
    [InlineData("a%3Fb%23c", "a?b#c")]
    [InlineData("increment", "increment")]
    public async Task Keys_are_percent_encoded_in_the_path(string path, string key)
    {
        var (status, put) = await Silo.SendAsync(HttpMethod.Put, $"/v1/kv/{path}", """{"value":"x"}""");
        var (_, listed) = await Silo.SendAsync(HttpMethod.Get, $"/v1/kv?prefix={Uri.EscapeDataString(key)}&limit=1");

        Assert.Equal(200, status);
        Assert.Equal(key, put.GetProperty("key").GetString());
        Assert.Equal(key, listed.GetProperty("items")[0].GetProperty("key").GetString());
    }

    [Theory]
    [InlineData("/v1/kv/%FF", "malformed", "UTF-8")]
    [InlineData("/v1/kv/a%0Ab", "rejected", "control character U+000A")]
    [InlineData("/v1/kv/a%7Fb", "rejected", "control character U+007F")]
    [InlineData("/v1/kv?limit=0", "malformed", "1 to 1000")]
    [InlineData("/v1/kv?limit=1001", "malformed", "1 to 1000")]
    [InlineData("/v1/kv?limit=many", "malformed", "limit")]
    public async Task A_bad_key_or_query_is_400_and_says_why(string path, string code, string why)
    {
        var (status, problem) = await Silo.SendAsync(HttpMethod.Get, path);

        Assert.Equal((400, code), (status, problem.GetProperty("code").GetString()));
        Assert.Contains(why, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_1024_bytes_is_taken_and_one_of_1025_is_not()
    {
        Assert.Equal(200, (await Silo.SendAsync(HttpMethod.Put, $"/v1/kv/{new string('k', 1024)}", """{"value":""}""")).Status);
        var (status, problem) = await Silo.SendAsync(HttpMethod.Put, $"/v1/kv/{new string('k', 1025)}", """{"value":""}""");

        Assert.Equal(400, status);
        Assert.Contains("1024 is the most", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"value":5}""", "$.value")]
    [InlineData("""{"value":null}""", "either value or valueBase64")]
    [InlineData("""{}""", "either value or valueBase64")]
    [InlineData("""{"value":"a","valueBase64":"YQ=="}""", "either value or valueBase64")]
    [InlineData("""{"valueBase64":"no-base64!"}""", "$.valueBase64")]
    [InlineData("""{"value":"a","ifVersoin":3}""", "ifVersoin")]
    [InlineData("""{"value":"a","value":"b"}""", "Duplicate")]
    [InlineData("""{"value":"a","ifVersion":"3"}""", "$.ifVersion")]
    [InlineData("""{"value":"a","ifVersion":-1}""", "versions begin at 1")]
    [InlineData("""{"value":"a","ifVersion":9223372036854775808}""", "$.ifVersion")]
    [InlineData("""{"value":"\ud800"}""", "$.value")]
    [InlineData("""["value"]""", "not the JSON expected")]
    [InlineData("""{"value":""", "not the JSON expected")]
    [InlineData("", "")]
    public async Task A_bad_body_is_400_and_says_where(string body, string where)
    {
        var (status, problem) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/bad-body", body);

        Assert.Equal(400, status);
        var detail = problem.GetProperty("detail").GetString();
        Assert.Contains(where, detail, StringComparison.Ordinal);
        Assert.DoesNotContain("OrleansPbft.Silo", detail, StringComparison.Ordinal);
        Assert.Equal(404, (await Silo.SendAsync(HttpMethod.Get, "/v1/kv/bad-body")).Status);
    }

    [Fact]
    public async Task Values_are_taken_up_to_their_limit_and_413_above_it()
    {
        var most = new string('v', KeyValueStore.ValueBytesMax);
        const int RequestBytesMax = 256 << 10;

        Assert.Equal(200, (await Silo.SendAsync(HttpMethod.Put, "/v1/kv/large", $$"""{"value":"{{most}}"}""")).Status);
        Assert.Equal(most, (await Silo.SendAsync(HttpMethod.Get, "/v1/kv/large")).Body.GetProperty("value").GetString());
        var (aboveValue, _) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/large", $$"""{"value":"{{most}}v"}""");
        var operation = Convert.ToBase64String(new byte[RequestBytesMax]);
        var (aboveRequest, problem) = await Silo.SendAsync(HttpMethod.Post, "/v1/operations", $$"""{"operation":"{{operation}}"}""");
        var (aboveBody, body) = await Silo.SendAsync(HttpMethod.Post, "/v1/operations", $$"""{"operation":"{{operation}}{{operation}}{{operation}}"}""");
        Assert.Equal((413, 413, 413), (aboveValue, aboveRequest, aboveBody));
        Assert.Equal("too-large", problem.GetProperty("code").GetString());
        Assert.Equal("too-large", body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_body_above_the_limit_is_answered_and_not_cut_off_while_it_is_being_sent()
    {
        // Larger than what sockets buffer, so that whoever is cut off can not have finished; again and again, on one connection.
        var body = $$"""{"operation":"{{new string('A', 12 << 20)}}"}""";
        for (var i = 0; i < 10; i++)
        {
            var (status, problem) = await Silo.SendAsync(HttpMethod.Post, "/v1/operations", body);
            Assert.Equal((413, "too-large"), (status, problem.GetProperty("code").GetString()));
        }
    }

    [Fact]
    public async Task An_operation_can_be_submitted_as_bytes()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/raw", """{"value":"cooked"}""");
        var operation = Convert.ToBase64String(KeyValueOperation.Get("raw"));

        var (status, answer) = await Silo.SendAsync(HttpMethod.Post, "/v1/operations", $$"""{"operation":"{{operation}}"}""");
        var (rejected, problem) = await Silo.SendAsync(HttpMethod.Post, "/v1/operations", """{"operation":"zw=="}""");

        Assert.Equal(200, status);
        Assert.True(KeyValueResult.TryRead(answer.GetProperty("result").GetBytesFromBase64(), out var result));
        Assert.Equal("cooked", Encoding.UTF8.GetString(result.Value.Span));
        Assert.Equal(2, answer.GetProperty("replicas").GetArrayLength());
        Assert.Equal((400, "rejected"), (rejected, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Status_shows_every_replica_and_they_have_the_same_state()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/status", """{"value":"x"}""");
        var status = await Silo.SettledStatusAsync();

        Assert.Equal((4, 1, 3), (status.GetProperty("n").GetInt32(), status.GetProperty("f").GetInt32(), status.GetProperty("quorum").GetInt32()));
        Assert.Equal((0, 0), (status.GetProperty("view").GetInt64(), status.GetProperty("primary").GetInt32()));
        var replicas = status.GetProperty("replicas").EnumerateArray().ToArray();
        Assert.Equal([0, 1, 2, 3], replicas.Select(replica => replica.GetProperty("id").GetInt32()));
        Assert.All(replicas, replica => Assert.Equal("Normal", replica.GetProperty("state").GetString()));
        Assert.Single(replicas.Select(replica => replica.GetProperty("stateDigest").GetString()).Distinct());
        Assert.Equal(64, replicas[0].GetProperty("stateDigest").GetString()!.Length);
        var (one, replica2) = await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/2");
        Assert.Equal((200, 2), (one, replica2.GetProperty("id").GetInt32()));
        Assert.Equal(404, (await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/4")).Status);
        Assert.Equal(404, (await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/-1")).Status);
    }

    [Fact]
    public async Task The_cluster_describes_itself_and_a_client_believes_it()
    {
        var cluster = await ClusterInfo.FetchAsync(Silo.Address, Cancelled);

        Assert.Equal(4, cluster.Cluster.Replicas);
        Assert.Equal("KeyValueStore", cluster.Service);
        Assert.Equal((await Silo.SendAsync(HttpMethod.Get, "/v1/status")).Body.GetProperty("clusterId").GetString(), cluster.Id.ToString());
    }

    [Fact]
    public async Task Openapi_names_every_path()
    {
        var (status, document) = await Silo.SendAsync(HttpMethod.Get, "/openapi/v1.json");

        Assert.Equal(200, status);
        Assert.Equal(
            [
                "/v1/cluster", "/v1/events", "/v1/faults", "/v1/journal", "/v1/kv", "/v1/kv/{key}", "/v1/kv/{key}/increment", "/v1/live", "/v1/operations",
                "/v1/replicas/{id}", "/v1/replicas/{id}/fault", "/v1/status", "/v1/traces", "/v1/traces/{id}",
            ],
            document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order());
        var put = document.GetProperty("paths").GetProperty("/v1/kv/{key}").GetProperty("put");
        Assert.Equal(
            ["200", "400", "409", "413", "422", "429", "503"],
            put.GetProperty("responses").EnumerateObject().Select(response => response.Name).Order());
    }

    [Fact]
    public async Task Health_is_told_at_two_places()
    {
        Assert.Equal((200, "Healthy"), await Read("/health/live"));
        Assert.Equal((200, "Healthy"), await Read("/health/ready"));

        async Task<(int, string?)> Read(string path)
        {
            var (status, body) = await Silo.SendAsync(HttpMethod.Get, path);
            return (status, body.GetProperty("status").GetString());
        }
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("GET", "/index.html", 404)]
    [InlineData("PATCH", "/v1/kv/a", 405)]
    [InlineData("PUT", "/v1/kv/", 405)]
    [InlineData("DELETE", "/v1/status", 405)]
    public async Task What_the_api_does_not_have_is_a_problem_with_its_code(string method, string path, int expected)
    {
        var (status, problem) = await Silo.SendAsync(new(method), path);

        Assert.Equal(expected, status);
        Assert.Equal(expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("code").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Problems_are_of_the_media_type_of_problems()
    {
        using var content = new StringContent("plain", Encoding.UTF8, "text/plain");
        using var wrongType = await Silo.Http.PutAsync("/v1/kv/a", content, Cancelled);
        using var missing = await Silo.Http.GetAsync("/v1/kv/nowhere-to-be-found", Cancelled);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, wrongType.StatusCode);
        Assert.Equal("application/problem+json", wrongType.Content.Headers.ContentType?.MediaType);
        Assert.Equal(new MediaTypeHeaderValue("application/problem+json"), missing.Content.Headers.ContentType);
    }
}
