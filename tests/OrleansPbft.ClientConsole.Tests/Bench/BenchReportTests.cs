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
        N = 2,
        View = 5,
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
              replicas    all 2 executed 77 and have the state abcd, view 5
            """,
            result.Text,
            ignoreLineEndingDifferences: true);
        Assert.Equal(5_000, result.Json["operationsPerSecond"]!.GetValue<double>());
        Assert.Equal(5, result.Json["view"]!.GetValue<long>());
        Assert.Null(result.Json["endedEarly"]);
        Assert.Equal(2.5, result.Json["latencyMs"]!["p90"]!.GetValue<double>());
        Assert.True(result.Json["digestsAgree"]!.GetValue<bool>());
    }

    [Fact]
    public void It_says_how_reads_were_answered()
    {
        var result = (Report with { ReadRequests = new(550, 50) }).ToResult();

        Assert.Contains("\n  reads       550 requests by quorum read, 50 ordered\n", result.Text, StringComparison.Ordinal);
        Assert.Equal(550, result.Json["readRequests"]!["quorum"]!.GetValue<long>());
        Assert.Contains("50 % reads, ordered, 1 connections", (Report with { Ordered = true }).ToResult().Text, StringComparison.Ordinal);
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
    public void A_replica_that_nobody_knows_of_agrees_with_none()
    {
        var result = (Report with { N = 3 }).ToResult();

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.False(result.Json["digestsAgree"]!.GetValue<bool>());
        Assert.Contains("replicas    ONLY 2 OF 3 ARE KNOWN", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_measured_is_told_even_when_the_silo_is_gone_at_the_end()
    {
        var result = (Report with { Replicas = [], View = null, StatusProblem = "No cluster answers." }).ToResult();

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("operations  10,000 in 2.0 s", result.Text, StringComparison.Ordinal);
        Assert.EndsWith("replicas    UNKNOWN: No cluster answers.", result.Text, StringComparison.Ordinal);
        Assert.Equal("No cluster answers.", result.Json["statusProblem"]!.GetValue<string>());
        Assert.Null(result.Json["view"]);
    }

    [Fact]
    public void A_run_that_ended_early_says_why()
    {
        var result = (Report with { EndedEarly = "It was stopped before its end." }).ToResult();

        Assert.Contains("\n  ended early It was stopped before its end.\n", result.Text, StringComparison.Ordinal);
        Assert.Equal("It was stopped before its end.", result.Json["endedEarly"]!.GetValue<string>());
        Assert.Equal(ExitCode.Failure, result.ExitCode);
    }

    [Fact]
    public void Clients_that_gave_up_are_the_reason_before_a_stop_is()
    {
        var (whole, gaveUp) = (new BenchTally(), new BenchTally());
        gaveUp.OnGaveUp("It is gone.");

        Assert.Null(BenchRun.EndedEarly([whole], wasCancelled: false));
        Assert.Equal("It was stopped before its end.", BenchRun.EndedEarly([whole], wasCancelled: true));
        Assert.Equal(
            $"1 of 2 clients stopped after {BenchClient.FailuresInARowMax} failures in a row, one of them at: It is gone.",
            BenchRun.EndedEarly([whole, gaveUp], wasCancelled: true));
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
