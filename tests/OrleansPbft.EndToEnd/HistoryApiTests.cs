using System.Net;
using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>What a real silo process tells of what happened: traces, events, rates.</summary>
public sealed class HistoryApiTests(FaultySiloFixture fixture) : IClassFixture<FaultySiloFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task A_request_just_ordered_is_a_diagram_with_the_paper_s_arrows()
    {
        var (_, put) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/traced", """{"value":"x"}""");
        var id = $"n{put.GetProperty("sequence").GetInt64()}";

        var trace = await DrawnAsync(id, static trace => trace.Complete
            && trace.Messages.Count(static message => message is { From: >= 0, To: >= 0, ArrivedUs: not null }) >= 3 + 9 + 12
            && trace.Messages.Count(static message => message is { Kind: "reply", SentUs: not null }) == 4);

        Assert.Equal((4, 1, 3), (trace.Replicas, trace.Tolerated, trace.Quorum));
        Assert.Equal([0, 1, 2, 3], trace.Hosted);
        Assert.True(trace.Complete);
        Assert.Equal(1, trace.Requests);
        var (_, list) = await Silo.SendAsync(HttpMethod.Get, "/v1/traces?kind=request&limit=5");
        Assert.InRange(list.GetProperty("items").GetArrayLength(), 1, 5);
        Assert.Contains(list.GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetString() == id);
        Assert.All(list.GetProperty("items").EnumerateArray(), static item => Assert.EndsWith("Z", item.GetProperty("start").GetString(), StringComparison.Ordinal));
        Assert.Equal(200, (await Silo.SendAsync(HttpMethod.Get, "/v1/traces/last")).Status);
    }

    [Theory]
    [InlineData("/v1/traces/n999999", 404, "not-found")]
    [InlineData("/v1/traces/v7", 404, "not-found")]
    [InlineData("/v1/traces/nonsense", 404, "not-found")]
    [InlineData("/v1/traces?limit=0", 400, "malformed")]
    [InlineData("/v1/traces?limit=many", 400, "malformed")]
    [InlineData("/v1/traces?kind=lunch", 400, "malformed")]
    [InlineData("/v1/events?limit=5000", 400, "malformed")]
    public async Task What_can_not_be_answered_is_a_problem_that_says_why(string path, int status, string code)
    {
        var (answered, problem) = await Silo.SendAsync(HttpMethod.Get, path);

        Assert.Equal((status, code), (answered, problem.GetProperty("code").GetString()));
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Rates_are_told_and_there_is_no_journal_where_nothing_is_kept()
    {
        await Silo.SendAsync(HttpMethod.Put, "/v1/kv/rated", """{"value":"x"}""");

        var (_, live) = await Silo.SendAsync(HttpMethod.Get, "/v1/live");
        var (_, journal) = await Silo.SendAsync(HttpMethod.Get, "/v1/journal");

        Assert.Equal(120, live.GetProperty("history").GetArrayLength());
        Assert.True(live.GetProperty("latency").GetProperty("p99Us").GetInt64() > 0);
        Assert.NotEqual(0, live.GetProperty("phases").GetArrayLength());
        Assert.Equal("None", journal.GetProperty("durability").GetString());
        Assert.Equal(0, journal.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_stream_tells_status_and_rates_at_once_and_events_as_they_happen_and_goes_on_after_the_last_one_known()
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var stream = await OpenAsync(lastEventId: null, listening.Token);
        var lines = Lines(stream, listening.Token);
        Assert.Equal("event: status", await NextAsync(lines, "event: "));
        Assert.Equal("event: live", await NextAsync(lines, "event: "));

        await Silo.SendAsync(HttpMethod.Post, "/v1/replicas/1/fault", """{"mode":"slow"}""");
        await Silo.SendAsync(HttpMethod.Delete, "/v1/replicas/1/fault");
        var made = JsonDocument.Parse(await DataOfAsync(lines, "MadeFaulty")).RootElement;

        Assert.Equal((1, "fault", "replica 1 was made faulty on purpose: slow"), (
            made.GetProperty("replica").GetInt32(), made.GetProperty("severity").GetString(), made.GetProperty("text").GetString()));
        using var again = await OpenAsync(made.GetProperty("id").GetInt64(), listening.Token);
        Assert.Contains("was healed", await DataOfAsync(Lines(again, listening.Token), "Healed"), StringComparison.Ordinal);
        var known = await EventListDocument.FetchAsync(Silo.Address, 1000, Cancelled);
        Assert.Contains(known.Items, static what => what.Kind == "Healed");
        Assert.Equal(known.Items.Select(static what => what.Id).Order(), known.Items.Select(static what => what.Id));
        await listening.CancelAsync();
    }

    [Fact]
    public async Task Streams_are_bounded_and_end_when_the_silo_stops()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Http:EventStreamsMax=2");
        using var one = await OpenAsync(silo, null, Cancelled);
        using var two = await OpenAsync(silo, null, Cancelled);
        using var three = await OpenAsync(silo, null, Cancelled);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (one.StatusCode, two.StatusCode, three.StatusCode));
        Assert.Contains("EventStreamsMax", await three.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        one.Dispose();
        await Poll.UntilNoneAsync(async () =>
        {
            using var next = await OpenAsync(silo, null, Cancelled);
            return next.StatusCode == HttpStatusCode.OK ? null : "a place is free again";
        });
        silo.Process.Signal(ProgramProcess.Terminate);
        Assert.Equal(0, await silo.Process.ExitAsync()); // though one still listens
    }

    [Fact]
    public async Task Where_nothing_is_recorded_that_is_said()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Telemetry:Recorder=false");

        foreach (var path in (string[])["/v1/traces", "/v1/traces/last", "/v1/events", "/v1/live"])
        {
            var (status, problem) = await silo.SendAsync(HttpMethod.Get, path);
            Assert.Equal(404, status);
            Assert.Contains("Pbft:Telemetry:Recorder", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private async Task<TraceDocument> DrawnAsync(string id, Predicate<TraceDocument> isDrawn)
    {
        TraceDocument? trace = null;
        await Poll.UntilNoneAsync(async () => isDrawn(trace = await TraceDocument.FetchAsync(Silo.Address, id, Cancelled)) ? null : $"{id} is drawn: {trace}");
        return trace!;
    }

    private Task<HttpResponseMessage> OpenAsync(long? lastEventId, CancellationToken cancelled) => OpenAsync(Silo, lastEventId, cancelled);

    private static async Task<HttpResponseMessage> OpenAsync(SiloProcess silo, long? lastEventId, CancellationToken cancelled)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events") { Headers = { Accept = { new("text/event-stream") } } };
        if (lastEventId is { } id) request.Headers.Add("Last-Event-ID", $"{id}");
        return await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled).InTime();
    }

    private static async IAsyncEnumerator<string> Lines(HttpResponseMessage response, CancellationToken cancelled)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancelled));
        while (await reader.ReadLineAsync(cancelled) is { } line) yield return line;
    }

    /// <summary>The next line that begins so.</summary>
    private static async Task<string> NextAsync(IAsyncEnumerator<string> lines, string beginning)
    {
        while (await lines.MoveNextAsync().InTime())
        {
            if (lines.Current.StartsWith(beginning, StringComparison.Ordinal)) return lines.Current;
        }

        throw new EndOfStreamException($"No line begins with '{beginning}'.");
    }

    /// <summary>The data of the next protocol event of a kind.</summary>
    private static async Task<string> DataOfAsync(IAsyncEnumerator<string> lines, string kind)
    {
        while (true)
        {
            await NextAsync(lines, "event: protocol");
            var data = await NextAsync(lines, "data: ");
            if (data.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal)) return data["data: ".Length..];
        }
    }
}
