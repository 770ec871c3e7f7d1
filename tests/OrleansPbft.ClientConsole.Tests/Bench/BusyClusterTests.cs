using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Tests.Bench;

/// <summary>A cluster that refuses is asked again, but not for ever.</summary>
public sealed class BusyClusterTests
{
    private static readonly PbftBusyException Busy = new("busy", TimeSpan.Zero, true);

    [Fact]
    public async Task A_cluster_that_stays_busy_is_an_error_in_the_end()
    {
        var fake = new FakeClient(static _ => Busy);
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(1, TimeProvider.System), tally, TestContext.Current.CancellationToken);

        Assert.Equal(BenchClient.FailuresInARowMax, fake.Requests);
        Assert.Equal((0, BenchClient.FailuresInARowMax - 1), (tally.Requests, tally.Busy));
        Assert.Equal(1, tally.Errors[nameof(PbftBusyException)]);
    }

    [Fact]
    public async Task When_the_time_is_up_a_refused_request_is_not_sent_again()
    {
        var time = new StoppedTime();
        var fake = new FakeClient(_ =>
        {
            time.Now += TimeSpan.FromSeconds(1).Ticks;
            return Busy;
        });
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(TimeSpan.FromSeconds(3), time), tally, TestContext.Current.CancellationToken);

        Assert.Equal(3, fake.Requests);
        Assert.Equal(1, tally.Failed);
    }

    [Fact]
    public void Errors_can_be_taken_over_without_what_was_measured()
    {
        var warmup = new BenchTally();
        warmup.OnAnswer(1, 2, TimeSpan.FromSeconds(1));
        warmup.OnError("Late", 3);
        var tally = new BenchTally();

        tally.AddErrors(warmup);

        Assert.Equal((0, 0, 0, 0), (tally.Requests, tally.Reads, tally.Writes, tally.Latency.Count));
        Assert.Equal(3, tally.Errors["Late"]);
    }

    private static BenchClient Loop(FakeClient fake) => new(fake, new(new(), 0), TimeProvider.System);

    private sealed class StoppedTime : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
