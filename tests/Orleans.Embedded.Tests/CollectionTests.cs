using Orleans.Configuration;

namespace Orleans.Embedded.Tests;

/// <summary>Which grains go because nobody asks for them.</summary>
public sealed class CollectionTests
{
    [Fact]
    public async Task An_idle_grain_is_collected_after_its_age_and_not_before()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithCollectionAge(minutes: 10));
        var guest = silo.Client.GetGrain<LifecycleTests.IGuest>("a");
        await guest.Greet();
        Assert.Equal("activated 1", await silo.Probe.NextAsync());
        Assert.Equal("greeted by 1", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromMinutes(8));
        await guest.Greet();
        Assert.Equal("greeted by 1", await silo.Probe.NextAsync());
        silo.Time.Advance(TimeSpan.FromMinutes(8));
        await guest.Note(1);
        await guest.Notes();
        Assert.Empty(silo.Probe.Said());
        silo.Time.Advance(TimeSpan.FromMinutes(12));

        Assert.Equal("deactivated 1: ActivationIdle", await silo.Probe.NextAsync());
        Assert.Equal("disposed 1", await silo.Probe.NextAsync());
    }

    [Fact]
    public async Task A_grain_with_a_running_request_is_not_idle()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithCollectionAge(minutes: 10));
        var guest = silo.Client.GetGrain<LifecycleTests.IGuest>("a");
        var running = guest.WaitAt("gate");
        Assert.Equal("activated 1", await silo.Probe.NextAsync());
        Assert.Equal("waits", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromMinutes(30));
        silo.Probe.Open("gate");
        await Assert.ThrowsAsync<TimeoutException>(() => running);
        await guest.Greet();

        Assert.Equal(["greeted by 1"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_grain_kept_alive_is_never_collected()
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithCollectionAge(minutes: 10));
        var kept = silo.Client.GetGrain<IKept>(1);
        var other = silo.Client.GetGrain<LifecycleTests.IGuest>("a");
        await kept.Greet();
        await other.Greet();

        silo.Time.Advance(TimeSpan.FromMinutes(60));
        while (await silo.Probe.NextAsync() != "disposed 1")
        {
        }

        Assert.Equal(1, await kept.Greet());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Ticks_count_as_activity_only_of_a_timer_that_keeps_alive(bool keepAlive, bool collected)
    {
        await using var silo = await EmbeddedSilo.StartAsync(WithCollectionAge(minutes: 10));
        var guest = silo.Client.GetGrain<LifecycleTests.IGuest>("a");
        await guest.TickEveryMinute(keepAlive);

        // Minute by minute, each tick ended before the next minute. A notice of the end stands for a request, which would be activity.
        for (var minute = 0; minute < 30; minute++)
        {
            silo.Time.Advance(TimeSpan.FromMinutes(1));
            if (await NextOf(silo, "tick", "disposed 1") == "disposed 1") break;
        }

        await guest.Greet();
        Assert.Equal(collected, silo.Probe.Said().Contains("greeted by 2"));
    }

    private static Action<ISiloBuilder> WithCollectionAge(double minutes) =>
        builder => builder.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(minutes));

    private static async Task<string> NextOf(EmbeddedSilo silo, params string[] expected)
    {
        while (true)
        {
            var said = await silo.Probe.NextAsync();
            if (expected.Contains(said)) return said;
        }
    }

    internal interface IKept : IGrainWithIntegerKey
    {
        Task<int> Greet();
    }

    [KeepAlive]
    internal sealed class KeptGrain(Probe probe) : Grain, IKept
    {
        private readonly int _number = probe.CountKept();

        public Task<int> Greet() => Task.FromResult(_number);
    }
}
