using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>What real processes export, as a receiver sees it that OpenTelemetry wrote (DESIGN 12); and that they do without one.</summary>
public sealed class TelemetryTests
{
    private static readonly string[] AllReplicas = ["0", "1", "2", "3"];

    // So that no view changes, however slow the machine is.
    private static readonly string[] Patient = ["--Pbft:RequestTimeout=00:00:30", "--Pbft:ViewChangeTimeout=00:00:30", "--Pbft:OrderingDelayMax=00:00:30"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>One request is one trace across four processes and the client, with the spans and parents that docs/telemetry.md tells of.</summary>
    [Fact]
    public async Task One_request_to_a_federation_is_one_trace_across_all_processes()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var federation = await Federation.CreateAsync(settings: Patient, environment: receiver.Environment("http/protobuf"));
        await federation.StartAllAsync();

        var (exitCode, said) = await federation.AskAsync("put", "greeting", "hello");
        Assert.True(exitCode == 0, said);
        var trace = "";
        OtlpSpan[] spans = [];
        await receiver.UntilAsync(all =>
        {
            trace = all.FirstOrDefault(static span => span.Name == "client")?.Trace ?? "";
            spans = [.. all.Where(span => span.Trace == trace)];
            return spans.Count(static span => span.Name == "reply") == 8
                ? null
                : $"all replies of the trace; there are:\n{string.Join('\n', spans.AsEnumerable())}\n{federation.Logs()}";
        });

        var client = Assert.Single(spans, static span => span.Parent.Length == 0);
        Assert.Equal("client", client.Name);
        var opening = Assert.Single(spans, static span => span.Name == "open-session");
        Assert.Equal(client.Id, opening.Parent);
        foreach (var parent in new[] { client, opening })
        {
            // On a slow machine the client sends again, to all, and a backup may be faster than the client was.
            string[] parents = [parent.Id, .. spans.Where(span => span.Name == "forward" && span.Parent == parent.Id).Select(static span => span.Id)];
            var order = Assert.Single(spans, span => span.Name == "order" && parents.Contains(span.Parent));
            Assert.Equal("0", order.Replica);
            Assert.Equal(parent.Attributes["pbft.sequence"], order.Attributes["pbft.sequence"]);
            foreach (var phase in new[] { "pre-prepare", "commit", "execute", "reply" }) Assert.Equal(AllReplicas, PhaseOf(order, phase));
            Assert.InRange(PhaseOf(order, "prepare").Length, 3, 4); // who q COMMITs reach first need not be prepared any more
        }

        AssertResources(spans);
        foreach (var span in spans) Assert.True(span.Nanoseconds.Ended >= span.Nanoseconds.Began, $"{span} ended before it began");

        string[] PhaseOf(OtlpSpan order, string phase)
        {
            var all = spans.Where(span => span.Name == phase && span.Parent == order.Id).ToArray();
            Assert.All(all, span => Assert.Equal(order.Attributes["pbft.digest"], span.Attributes["pbft.digest"]));
            return [.. all.Select(static span => span.Replica).Order(StringComparer.Ordinal)];
        }

        await AssertMetricsAndLogsAsync(receiver, federation);
    }

    /// <summary>A primary that is gone: the request's trace goes on in the next view, and the view change is one trace of all who made it, linked to the request.</summary>
    [Fact]
    public async Task A_view_change_is_a_trace_of_its_own_that_links_to_what_it_delayed()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var federation = await Federation.CreateAsync(settings: Federation.Quick, environment: receiver.Environment("http/protobuf"));
        await federation.StartAllAsync(without: 0);

        var (exitCode, said) = await federation.AskAsync("put", "greeting", "hello");
        Assert.True(exitCode == 0, said);
        OtlpSpan[] changes = [];
        OtlpSpan[] request = [];
        await receiver.UntilAsync(all =>
        {
            var trace = all.FirstOrDefault(static span => span.Name == "client")?.Trace;
            request = [.. all.Where(span => span.Trace == trace)];
            changes = [.. all.Where(static span => span.Name == "view-change" && span.Attributes["pbft.view"] == "1")];
            var isWhole = request.Any(static span => span.Name == "forward" && span.Attributes["pbft.peer"] == "0")
                && request.Where(static span => span.Name == "order").All(order => request.Any(span => span.Id == order.Parent)); // each silo exports when it likes
            return request.Any(static span => span.Name == "client") && isWhole && changes.Length == 3
                ? null
                : $"the client's spans, those it was passed on in, and three of the view change; there are:\n{string.Join('\n', all.AsEnumerable())}\n{federation.Logs()}";
        });

        Assert.Equal(["1", "2", "3"], changes.Select(static span => span.Replica).Order(StringComparer.Ordinal));
        Assert.Single(changes.Select(static span => span.Trace).Distinct());
        Assert.NotEqual(request[0].Trace, changes[0].Trace);
        Assert.All(changes, static span => Assert.Equal("", span.Parent));
        Assert.Contains(changes, change => change.Links.Contains(request[0].Trace));
        Assert.Contains(changes, static change => change.Attributes["pbft.cause"] == "RequestOverdue");
        Assert.Contains(request, static span => span.Name == "forward" && span.Attributes["pbft.peer"] == "0");
        Assert.All(request.Where(static span => span.Name == "order"), static span => Assert.NotEqual("0", span.Replica));
        var byId = request.ToDictionary(static span => span.Id);
        foreach (var order in request.Where(static span => span.Name == "order"))
        {
            Assert.Contains(byId[order.Parent].Name, new[] { "client", "open-session", "forward" });
        }
    }

    /// <summary>The same over gRPC, from the HTTP API of a local cluster, in the trace that its caller began.</summary>
    [Fact]
    public async Task A_local_cluster_exports_over_gRPC_in_its_callers_trace()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var silo = ProgramProcess.Start("Silo", ["--Urls=http://127.0.0.1:0"], receiver.Environment("grpc"));
        using var http = await HttpOfAsync(silo);

        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/kv/a") { Content = JsonContent.Create(new { value = "b" }) };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        using var response = await http.SendAsync(request, Cancelled);
        response.EnsureSuccessStatusCode();
        OtlpSpan[] spans = [];
        await receiver.UntilAsync(all =>
        {
            spans = [.. all.Where(static span => span.Trace == Trace)];
            var isWhole = spans.Count(static span => span.Name == "reply") == 8 && spans.Any(static span => span.Name == "client"); // which f + 1 of them ended
            return isWhole ? null : $"all replies of the trace, and its client; there are:\n{string.Join('\n', all.AsEnumerable())}";
        });

        Assert.Equal("b7ad6b7169203331", Assert.Single(spans, static span => span.Name == "client").Parent);
        Assert.All(spans, static span => Assert.False(span.Resource.ContainsKey("pbft.replica"))); // it has four: each span says whose it is
        Assert.Equal(["grpc"], receiver.Protocols());
    }

    /// <summary>A collector that is not there, and one that takes everything and never answers: the silo serves, and ends in good order.</summary>
    [Theory]
    [InlineData("grpc", false)]
    [InlineData("http/protobuf", false)]
    [InlineData("grpc", true)]
    [InlineData("http/protobuf", true)]
    public async Task A_collector_that_is_away_costs_a_silo_nothing(string protocol, bool accepts)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = listener.LocalEndpoint.ToString();
        if (!accepts) listener.Stop(); // refuses from now on; else its backlog takes connections, and nobody reads from them
        (string, string)[] environment =
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{endpoint}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("Pbft__Telemetry__SampleRatio", "1"),
        ];
        await using var silo = ProgramProcess.Start("Silo", ["--Urls=http://127.0.0.1:0"], environment);
        using var http = await HttpOfAsync(silo);

        for (var i = 0; i < 100; i++)
        {
            using var put = await http.PutAsJsonAsync($"/v1/kv/{i}", new { value = "b" }, Cancelled);
            put.EnsureSuccessStatusCode();
        }

        await using var client = ProgramProcess.Start("Client", ["get", "99", "--endpoint", http.BaseAddress!.ToString()], environment);
        Assert.Equal(0, await client.ExitAsync());
        Assert.Contains("99 = b", client.Output, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows()) return; // signals
        silo.Signal(ProgramProcess.Terminate);
        Assert.Equal(0, await silo.ExitAsync());
    }

    [Fact]
    public async Task An_endpoint_that_is_none_stops_the_start_with_a_clear_word()
    {
        await using var silo = ProgramProcess.Start(
            "Silo", ["--Urls=http://127.0.0.1:0"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"));

        Assert.Equal(2, await silo.ExitAsync());
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT ('localhost') must be an address as http://127.0.0.1:4317.", silo.Errors, StringComparison.Ordinal);
        Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL ('http/json') must be grpc or http/protobuf.", silo.Errors, StringComparison.Ordinal);
    }

    private static async Task<HttpClient> HttpOfAsync(ProgramProcess silo)
    {
        await silo.LineAsync("Serving.");
        var line = await silo.LineAsync("  HTTP API");
        return new() { BaseAddress = new(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).GetLeftPart(UriPartial.Authority)), Timeout = SafetyNet.Limit };
    }

    private static void AssertResources(OtlpSpan[] spans)
    {
        var silos = spans.Where(static span => span.Replica.Length > 0).ToArray();
        Assert.All(silos, static span =>
        {
            Assert.Equal("orleanspbft-silo", span.Resource["service.name"]);
            Assert.Equal(span.Replica, span.Resource["pbft.replica"]);
            Assert.EndsWith($"/replica-{span.Replica}", span.Resource["service.instance.id"], StringComparison.Ordinal);
        });
        Assert.All(spans.Except(silos), static span => Assert.Equal("orleanspbft-client", span.Resource["service.name"]));
        Assert.All(spans, static span =>
        {
            Assert.Matches(@"^\d+\.\d+\.\d+$", span.Resource["service.version"]);
            Assert.Equal("dotnet", span.Resource["telemetry.sdk.language"]);
        });
        Assert.Equal(5, spans.Select(static span => span.Resource["service.instance.id"]).Distinct().Count());
    }

    private static async Task AssertMetricsAndLogsAsync(OtlpReceiver receiver, Federation federation)
    {
        if (OperatingSystem.IsWindows()) return; // signals
        for (var i = 0; i < Federation.Replicas; i++) federation[i].Signal(ProgramProcess.Terminate);
        for (var i = 0; i < Federation.Replicas; i++) Assert.Equal(0, await federation[i].ExitAsync()); // what was left is exported by then

        var metrics = receiver.Metrics();
        foreach (var replica in AllReplicas)
        {
            var own = metrics.Where(metric => metric.Resource.GetValueOrDefault("pbft.replica") == replica).ToArray();
            foreach (var (name, unit) in new[]
            {
                ("pbft.phase.duration", "s"), ("pbft.last_executed", "{sequence}"), ("pbft.view", "{view}"), ("pbft.peer.lag", "{sequence}"), ("pbft.journal.flush.duration", "s"),
                ("pbft.journal.written", "By"), ("pbft.crypto.duration", "s"), ("pbft.link.queue", "By"), ("pbft.link.dials", "{dial}"), ("pbft.replica.state", "{replica}"),
            })
            {
                Assert.Contains(own, metric => metric.Name == name && metric.Unit == unit && metric.Description.Length > 0);
            }

            Assert.Contains(receiver.Logs(), log => log.Resource.GetValueOrDefault("pbft.replica") == replica && log.Body.Contains("replica", StringComparison.OrdinalIgnoreCase));
        }
    }
}
