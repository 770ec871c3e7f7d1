using OrleansPbft.ClientConsole.Tests.Support;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The benchmark against a real cluster, in small numbers.</summary>
public sealed class BenchVerbTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task It_does_as_many_operations_as_it_is_told_and_leaves_equal_digests()
    {
        var run = await RunAsync("--json", "--reads", "50");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        var report = run.Json;
        Assert.Equal(200, report.GetProperty("operations").GetInt64());
        Assert.Equal(25, report.GetProperty("requests").GetInt64());
        Assert.Equal(200, report.GetProperty("reads").GetInt64() + report.GetProperty("writes").GetInt64());
        Assert.InRange(report.GetProperty("reads").GetInt64(), 1, 199);
        Assert.Empty(report.GetProperty("errors").EnumerateObject());
        Assert.Equal(4, report.GetProperty("replicas").GetArrayLength());
        Assert.Single(report.GetProperty("replicas").EnumerateArray().Select(static replica => replica.GetProperty("stateDigest").GetString()).Distinct());
        Assert.True(report.GetProperty("digestsAgree").GetBoolean());
    }

    [Fact]
    public async Task Its_text_shows_no_progress_where_nobody_watches()
    {
        var run = await RunAsync();

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Contains("operations  200 in ", run.Output, StringComparison.Ordinal);
        Assert.Contains("errors      none", run.Output, StringComparison.Ordinal);
        Assert.Contains("all 4 executed", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', run.Output);
    }

    [Fact]
    public async Task Replicas_that_end_in_different_states_make_it_fail()
    {
        cluster.StatusIs = static status => status with
        {
            Replicas = [.. status.Replicas.Select(static replica => replica.Id == 2 ? replica with { StateDigest = new('f', 64) } : replica)],
        };
        try
        {
            var run = await RunAsync("--json");

            Assert.Equal(ExitCode.Failure, run.ExitCode);
            Assert.False(run.Json.GetProperty("digestsAgree").GetBoolean());
            Assert.Empty(run.Json.GetProperty("errors").EnumerateObject());
            Assert.Equal(ExitCode.Failure, (await ConsoleRun.OfAsync("status", "--endpoint", cluster.Address)).ExitCode);
        }
        finally
        {
            cluster.StatusIs = static status => status;
        }
    }

    [Fact]
    public async Task What_the_cluster_would_not_take_is_refused_before_anything_is_sent()
    {
        var run = await RunAsync("--bundle", "2000");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("OperationsMax", run.Errors, StringComparison.Ordinal);
    }

    private Task<ConsoleRun> RunAsync(params string[] more) => ConsoleRun.OfAsync(
        more is ["--bundle", ..]
            ? ["bench", "--endpoint", cluster.Address, .. more]
            : ["bench", "--endpoint", cluster.Address, "--operations", "200", "--clients", "4", "--bundle", "8", "--warmup", "0", .. more]);
}
