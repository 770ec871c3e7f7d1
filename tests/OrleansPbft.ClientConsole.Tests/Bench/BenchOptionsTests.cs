using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Defaults_have_no_problem() => Assert.Empty(new BenchOptions().Problems());

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var options = new BenchOptions
        {
            Clients = 0,
            Bundle = 0,
            Payload = -1,
            Reads = 101,
            Keys = 0,
            Duration = TimeSpan.Zero,
            Operations = 0,
            Warmup = TimeSpan.FromSeconds(-1),
            Connections = 0,
        };

        Assert.Equal(
            ["--clients", "--bundle", "--payload", "--reads", "--keys", "--duration", "--operations", "--warmup", "--connections"],
            options.Problems().Select(static problem => problem.Split(' ')[0]));
    }

    [Theory]
    [InlineData(1, 64, 1)]
    [InlineData(64, 64, 1)]
    [InlineData(65, 64, 2)]
    [InlineData(1000, 1, 1000)]
    public void Operations_are_rounded_up_to_whole_requests(long operations, int bundle, long requests) =>
        Assert.Equal(requests, new BenchOptions { Operations = operations, Bundle = bundle }.Requests);
}
