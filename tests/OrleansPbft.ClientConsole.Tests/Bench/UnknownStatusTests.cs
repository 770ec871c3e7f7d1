using OrleansPbft.ClientConsole.Tests.Support;

namespace OrleansPbft.ClientConsole.Tests.Bench;

/// <summary>A benchmark at whose end nobody says where the replicas stand.</summary>
public sealed class UnknownStatusTests(TestCluster cluster) : IClassFixture<TestCluster>
{
    [Fact]
    public async Task It_fails_and_still_reports_what_it_measured()
    {
        cluster.StatusIs = static _ => throw new InvalidOperationException("The status is lost.");

        var run = await ConsoleRun.OfAsync(
            "bench", "--endpoint", cluster.Address, "--operations", "40", "--clients", "2", "--bundle", "8", "--warmup", "0", "--json");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Equal(40, run.Json.GetProperty("operations").GetInt64());
        Assert.Empty(run.Json.GetProperty("errors").EnumerateObject());
        Assert.False(run.Json.GetProperty("digestsAgree").GetBoolean());
        Assert.NotEmpty(run.Json.GetProperty("statusProblem").GetString()!);
    }
}
