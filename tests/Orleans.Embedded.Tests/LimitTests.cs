using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Embedded.Tests;

/// <summary>A mailbox never grows without bound.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Above_the_limit_calls_fail_one_way_calls_are_counted_and_the_grain_goes_on()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithLimit(10));
        var sink = silo.Client.GetGrain<ISink>(1);
        var blocking = sink.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());

        for (var i = 0; i < 1000; i++) _ = sink.Put(i);
        var refused = sink.Held();

        var error = await Assert.ThrowsAsync<LimitExceededException>(() => refused);
        Assert.Equal("10 requests wait at sink/1; ISink.Held was rejected (MaxEnqueuedRequestsHardLimit).", error.Message);
        Assert.Equal(990, silo.Silo.Dropped);
        Assert.Equal(10, silo.Log.Take(eventId: 102).Count); // 1, 2, 4 ... 512
        silo.Probe.Open("gate");
        await blocking;
        Assert.Equal(Enumerable.Range(0, 10), await sink.Held());
    }

    [Fact]
    public async Task A_full_mailbox_still_takes_the_timers_of_its_grain()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithLimit(1));
        var sink = silo.Client.GetGrain<ISink>(1);
        await sink.TickAfterASecond();
        var blocking = sink.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());
        _ = sink.Put(1);

        silo.Time.Advance(TimeSpan.FromSeconds(1));
        silo.Probe.Open("gate");
        await blocking;

        Assert.Equal("tick", await silo.Probe.NextAsync());
        Assert.Equal(0, silo.Silo.Dropped);
    }

    [Fact]
    public async Task A_limit_of_zero_is_none()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithLimit(0));
        var sink = silo.Client.GetGrain<ISink>(1);
        var blocking = sink.Pass("gate");

        for (var i = 0; i < 100_000; i++) _ = sink.Put(i);
        silo.Probe.Open("gate");
        await blocking;

        Assert.Equal(100_000, (await sink.Held()).Count);
    }

    private static Action<ISiloBuilder> WithLimit(int requests) =>
        builder => builder.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = requests);

    internal interface ISink : IGrainWithIntegerKey
    {
        [OneWay]
        Task Put(int value);

        Task<List<int>> Held();

        Task Pass(string gate);

        Task TickAfterASecond();
    }

    internal sealed class SinkGrain(Probe probe) : Grain, ISink
    {
        private readonly List<int> _held = [];

        public Task Put(int value)
        {
            _held.Add(value);
            return Task.CompletedTask;
        }

        public Task<List<int>> Held() => Task.FromResult<List<int>>([.. _held]);

        public async Task Pass(string gate)
        {
            probe.Say("waits");
            await probe.PassAsync(gate);
        }

        public Task TickAfterASecond()
        {
            this.RegisterGrainTimer(
                () =>
                {
                    probe.Say("tick");
                    return Task.CompletedTask;
                },
                TimeSpan.FromSeconds(1),
                Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        }
    }
}
