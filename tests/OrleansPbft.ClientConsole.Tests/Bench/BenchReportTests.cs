using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class BenchReportTests
{
    private static readonly BenchReport Report = new()
    {
        Clients = 2,
        Bundle = 10,
        Payload = 16,
        ReadPercent = 50,
        Connections = 1,
        Seconds = 2,
        Reads = 6_000,
        Writes = 4_000,
        Requests = 1_000,
        LatencyMs = new(1, 2.5, 3, 4, 5),
        Errors = new Dictionary<string, long>(),
        Busy = 3,
        Replicas = [new(0, "Normal", 77, "abcd"), new(1, "Normal", 77, "abcd")],
    };

    [Fact]
    public void It_says_what_was_measured()
    {
        var result = Report.ToResult();

        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Equal(
            """
            2 clients, bundles of 10, values of 16 bytes, 50 % reads, 1 connections
              operations  10,000 in 2.0 s = 5,000 op/s (6,000 reads, 4,000 writes)
              requests    1,000 = 500 requests/s
              latency     p50 1.00 ms, p90 2.50 ms, p99 3.00 ms, p99.9 4.00 ms, max 5.00 ms per request
              errors      none; busy 3 times
              replicas    all 2 executed 77 and have the state abcd
            """,
            result.Text,
            ignoreLineEndingDifferences: true);
        Assert.Equal(5_000, result.Json["operationsPerSecond"]!.GetValue<double>());
        Assert.Equal(2.5, result.Json["latencyMs"]!["p90"]!.GetValue<double>());
        Assert.True(result.Json["digestsAgree"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("abce", 77)]
    [InlineData("abcd", 78)]
    [InlineData("", 77)]
    public void Replicas_that_differ_are_a_failure(string digest, long lastExecuted)
    {
        var report = Report with { Replicas = [Report.Replicas[0], new(1, "Normal", lastExecuted, digest)] };

        Assert.False(report.DigestsAgree);
        Assert.Equal(ExitCode.Failure, report.ToResult().ExitCode);
        Assert.Contains("THEY DIFFER", report.ToResult().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_a_failure_and_so_is_nothing_done()
    {
        var failed = Report with { Errors = new Dictionary<string, long> { ["PbftTimeoutException"] = 4 } };

        Assert.Equal(ExitCode.Failure, failed.ToResult().ExitCode);
        Assert.Contains("4 PbftTimeoutException", failed.ToResult().Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, (Report with { Reads = 0, Writes = 0 }).ToResult().ExitCode);
        Assert.False((Report with { Replicas = [] }).Succeeded);
    }
}
