using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>How a silo starts, refuses to start, bears what it is done to, and stops.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProgramProcess.Terminate)]
    [InlineData(ProgramProcess.Interrupt)]
    public async Task A_silo_says_what_it_serves_and_stops_when_it_is_asked_to(int signal)
    {
        await using var silo = await SiloProcess.StartAsync();
        var (_, status) = await silo.SendAsync(HttpMethod.Get, "/v1/status");

        silo.Process.Signal(signal);

        Assert.Equal(0, await silo.Process.ExitAsync());
        Assert.Empty(silo.Process.Errors);
        var said = silo.Process.Output;
        Assert.Contains(status.GetProperty("clusterId").GetString()!, said, StringComparison.Ordinal);
        Assert.Contains("n = 4, f = 1, quorum = 3", said, StringComparison.Ordinal);
        Assert.Contains($"{silo.Address}openapi/v1.json", said, StringComparison.Ordinal);
        Assert.Contains($"ws://{silo.Address.Authority}/pbft/v1/client", said, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_with_clients_connected_stops_too()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var key = KeyPair.Create();
        await using var connection = await ClusterConnection.ConnectAsync(silo.Address, cancellationToken: Cancelled);
        await using var client = connection.CreateClient(key);
        await new KeyValueClient(client).IncrementAsync("n", 1, Cancelled);

        silo.Process.Signal(ProgramProcess.Terminate);

        Assert.Equal(0, await silo.Process.ExitAsync());
    }

    [Fact]
    public async Task A_bad_configuration_is_refused_with_all_problems_at_once()
    {
        await using var silo = ProgramProcess.Start(
            "Silo",
            ["--Pbft:Replicas=3", "--Pbft:Http:Sessions=none", "--Pbft:ClientPort:ConnectionsMax=0", "--replicas=4", "--Urls=here"],
            ("Pbft__LogWindow", "5"), ("Pbft__Telemetry__SampleRatio", "2"), ("Logging__LogLevel__Default", "Loud"));

        Assert.Equal(2, await silo.ExitAsync());
        Assert.Empty(silo.Output);
        foreach (var problem in (string[])[
            "Replicas (3)", "Pbft:Http:Sessions ('none')", "ConnectionsMax (0)", "--Pbft:replicas", "Urls ('here')",
            "LogWindow (5)", "SampleRatio (2)", "Logging:LogLevel:Default ('Loud')"])
        {
            Assert.Single(silo.Errors.Split('\n'), line => line.Contains(problem, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line()
    {
        await using var first = await SiloProcess.StartAsync();
        await using var second = ProgramProcess.Start("Silo", [$"--Urls={first.Address}"]);

        Assert.Equal(1, await second.ExitAsync());
        var line = Assert.Single(second.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(first.Address.Authority, line, StringComparison.Ordinal);
        Assert.Contains("--Urls", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_is_no_start()
    {
        await using var silo = ProgramProcess.Start("Silo", ["--help"]);

        Assert.Equal(0, await silo.ExitAsync());
        Assert.Contains("--Pbft:Replicas=7", silo.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(5, 1, 4)]
    [InlineData(7, 2, 5)]
    public async Task A_setting_on_the_command_line_makes_the_cluster(int n, int f, int quorum)
    {
        await using var silo = await SiloProcess.StartAsync($"--Pbft:Replicas={n}");

        var (status, put) = await silo.SendAsync(HttpMethod.Put, "/v1/kv/a", """{"value":"b"}""");

        Assert.Equal(200, status);
        Assert.True(put.GetProperty("replicas").GetArrayLength() >= f + 1);
        var (_, cluster) = await silo.SendAsync(HttpMethod.Get, "/v1/status");
        Assert.Equal((n, f, quorum), (cluster.GetProperty("n").GetInt32(), cluster.GetProperty("f").GetInt32(), cluster.GetProperty("quorum").GetInt32()));
    }

    [Fact]
    public async Task Another_service_is_reached_by_its_operations_and_not_as_a_store()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Service=Counter");

        var (store, problem) = await silo.SendAsync(HttpMethod.Get, "/v1/kv/a");
        var (malformed, rejected) = await silo.SendAsync(HttpMethod.Post, "/v1/operations", """{"operation":"zw=="}""");

        Assert.Equal((404, "other-service"), (store, problem.GetProperty("code").GetString()));
        Assert.Equal((400, "rejected"), (malformed, rejected.GetProperty("code").GetString()));
        Assert.Contains("Counter", (await silo.SendAsync(HttpMethod.Get, "/v1/cluster")).Body.GetProperty("service").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_quorum_in_time_nothing_is_reported_as_done()
    {
        // No answer can come within 100 ns; the request may be executed all the same, and the answer says so.
        await using var silo = await SiloProcess.StartAsync("--Pbft:ClientTimeout=00:00:00.0000001");

        var (status, problem) = await silo.SendAsync(HttpMethod.Put, "/v1/kv/a", """{"value":"b"}""");

        Assert.Equal((503, "no-quorum"), (status, problem.GetProperty("code").GetString()));
        Assert.True(problem.TryGetProperty("mayHaveExecuted", out _));
    }

    [Fact]
    public async Task Too_many_operations_at_once_are_429_with_a_time_to_retry_after()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Http:OperationsInFlightMax=1");
        using var slow = await ConnectAsync(silo);
        await slow.GetStream().WriteAsync(
            "PUT /v1/kv/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"u8.ToArray(), Cancelled);
        var goOn = new byte[25];
        await slow.GetStream().ReadExactlyAsync(goOn, Cancelled).AsTask().InTime();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), goOn); // its body is being read: it has the only place

        using var answer = await silo.Http.GetAsync("/v1/kv/b", Cancelled);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(200, (await silo.SendAsync(HttpMethod.Get, "/health/ready")).Status);
    }

    [Fact]
    public async Task Connections_that_say_nothing_are_bounded_and_do_not_last()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Http:ConnectionsMax=16", "--Pbft:Http:KeepAliveTimeout=00:00:01");
        var idle = new List<TcpClient>();
        for (var i = 0; i < 64; i++) idle.Add(await ConnectAsync(silo));

        // The silo ends all of them: those beyond the limit at once, the others when they have been silent for too long.
        foreach (var connection in idle) Assert.Equal(0, await ReadToTheEndAsync(connection));

        Assert.Equal(200, await PutOnceThereIsRoomAsync(silo).InTime());
        idle.ForEach(static connection => connection.Dispose());
    }

    [Fact]
    public async Task Garbage_on_the_client_port_ends_its_own_connection_and_nothing_else()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var key = KeyPair.Create();
        await using var connection = await ClusterConnection.ConnectAsync(silo.Address, cancellationToken: Cancelled);
        await using var client = connection.CreateClient(key);
        var store = new KeyValueClient(client);
        await store.IncrementAsync("n", 1, Cancelled);

        using var hostile = new ClientWebSocket();
        hostile.Options.AddSubProtocol("orleans-pbft.client.v1");
        await hostile.ConnectAsync(new($"ws://{silo.Address.Authority}/pbft/v1/client"), Cancelled);
        var garbage = new byte[4096];
        new Random(1).NextBytes(garbage);
        await hostile.SendAsync(garbage, WebSocketMessageType.Binary, true, Cancelled);
        var end = await hostile.ReceiveAsync(new byte[256], Cancelled).InTime();

        Assert.Equal(WebSocketMessageType.Close, end.MessageType);
        var answer = await store.IncrementAsync("n", 1, Cancelled);
        Assert.Equal("2"u8.ToArray(), answer.Result.Value.ToArray());
        Assert.Equal(200, (await silo.SendAsync(HttpMethod.Get, "/health/ready")).Status);
    }

    [Fact]
    public async Task Spans_are_printed_one_a_line_in_development()
    {
        await using var silo = ProgramProcess.Start(
            "Silo",
            ["--Urls=http://127.0.0.1:0", "--Pbft:Telemetry:Console=true", "--Pbft:Telemetry:SampleRatio=1"],
            ("DOTNET_ENVIRONMENT", "Development"));
        await silo.LineAsync("Serving.");
        var address = new Uri((await silo.LineAsync("  HTTP API")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);
        using var http = new HttpClient { BaseAddress = address };
        using var put = new StringContent("""{"value":"b"}""", System.Text.Encoding.UTF8, "application/json");
        (await http.PutAsync("/v1/kv/a", put, Cancelled)).EnsureSuccessStatusCode();

        silo.Signal(ProgramProcess.Terminate);

        Assert.Equal(0, await silo.ExitAsync());
        foreach (var phase in (string[])["client", "order", "pre-prepare", "prepare", "commit", "execute", "reply"])
        {
            Assert.Contains(silo.Output.Split('\n'), line => line.Contains($" {phase} ", StringComparison.Ordinal) && line.Contains(" ms ", StringComparison.Ordinal));
        }
    }

    private static async Task<TcpClient> ConnectAsync(SiloProcess silo)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(silo.Address.Host, silo.Address.Port, Cancelled);
        return connection;
    }

    /// <summary>A place is free a moment after its connection has ended, not before.</summary>
    private static async Task<int> PutOnceThereIsRoomAsync(SiloProcess silo)
    {
        while (true)
        {
            try
            {
                return (await silo.SendAsync(HttpMethod.Put, "/v1/kv/a", """{"value":"b"}""")).Status;
            }
            catch (HttpRequestException)
            {
                await Task.Yield(); // refused: its place was not free yet
            }
        }
    }

    private static async Task<int> ReadToTheEndAsync(TcpClient connection)
    {
        var buffer = new byte[1];
        try
        {
            return await connection.GetStream().ReadAsync(buffer, Cancelled).InTime();
        }
        catch (IOException)
        {
            return 0; // reset, which is an end as well
        }
    }
}
