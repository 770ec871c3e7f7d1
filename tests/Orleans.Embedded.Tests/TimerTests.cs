using Orleans.Concurrency;

namespace Orleans.Embedded.Tests;

/// <summary>Grain timers: ticks are requests of the grain's own.</summary>
public sealed class TimerTests
{
    [Fact]
    public async Task A_timer_ticks_when_due_and_then_a_period_after_each_tick()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 5, periodSeconds: 2, interleave: false);

        await AdvanceAsync(silo, clock, seconds: 4);
        Assert.Empty(silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Equal(["tick 1"], silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Empty(silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Equal(["tick 2"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_timer_without_period_ticks_once()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 1, periodSeconds: null, interleave: false);

        for (var i = 0; i < 5; i++) await AdvanceAsync(silo, clock, seconds: 1);

        Assert.Equal(["tick 1"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_tick_waits_for_the_running_request()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 1, periodSeconds: 1, interleave: false);
        var blocking = clock.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromSeconds(5));
        await clock.Interleave();
        Assert.Empty(silo.Probe.Said());

        silo.Probe.Open("gate");
        await blocking;
        await clock.Touch();
        Assert.Equal(["tick 1"], silo.Probe.Said());
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait_for_the_running_request()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 1, periodSeconds: 1, interleave: true);
        var blocking = clock.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("tick 1", await silo.Probe.NextAsync());
        silo.Probe.Open("gate");
        await blocking;
    }

    [Fact]
    public async Task A_running_tick_blocks_requests_and_no_second_one_piles_up()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.StartSlow(periodSeconds: 1, gate: "tick");
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("slow tick", await silo.Probe.NextAsync());
        var request = clock.Touch();

        silo.Time.Advance(TimeSpan.FromSeconds(10));
        await clock.Interleave();

        Assert.False(request.IsCompleted);
        silo.Probe.Open("tick");
        await request;
        Assert.Empty(silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Equal(["slow tick"], silo.Probe.Said());
    }

    [Fact]
    public async Task Change_moves_the_next_tick_and_the_period()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 1, periodSeconds: 1, interleave: false);

        await clock.Change(dueSeconds: 10, periodSeconds: 3);

        await AdvanceAsync(silo, clock, seconds: 9);
        Assert.Empty(silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Equal(["tick 1"], silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 3);
        Assert.Equal(["tick 2"], silo.Probe.Said());
    }

    [Fact]
    public async Task Change_during_a_tick_takes_effect_after_it()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.StartSlow(periodSeconds: 1, gate: "tick");
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("slow tick", await silo.Probe.NextAsync());

        await clock.ChangeInterleaving(dueSeconds: 7, periodSeconds: 1);
        silo.Probe.Open("tick");
        await clock.Touch();

        await AdvanceAsync(silo, clock, seconds: 6);
        Assert.Empty(silo.Probe.Said());
        await AdvanceAsync(silo, clock, seconds: 1);
        Assert.Equal(["slow tick"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more_even_if_a_tick_was_queued()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.Start(dueSeconds: 1, periodSeconds: 1, interleave: false);
        var blocking = clock.PassThenDispose("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());
        silo.Time.Advance(TimeSpan.FromSeconds(1));

        silo.Probe.Open("gate");
        await blocking;
        await AdvanceAsync(silo, clock, seconds: 5);

        Assert.Empty(silo.Probe.Said());
    }

    [Fact]
    public async Task Disposing_a_timer_cancels_the_token_of_its_running_tick()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.StartEndless(periodSeconds: 1);
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("endless tick", await silo.Probe.NextAsync());

        await clock.DisposeInterleaving();
        await clock.Touch();

        Assert.Equal(["tick cancelled"], silo.Probe.Said());
        Assert.Empty(silo.Log.Take(eventId: 301));
    }

    [Fact]
    public async Task A_tick_that_throws_is_logged_and_the_timer_goes_on()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        await clock.StartFailing(periodSeconds: 1);

        await AdvanceAsync(silo, clock, seconds: 1);
        await AdvanceAsync(silo, clock, seconds: 1);

        Assert.Equal(["failing tick", "failing tick"], silo.Probe.Said());
        Assert.Equal(2, silo.Log.Take(eventId: 301).Count);
    }

    [Fact]
    public async Task Timers_end_with_their_activation()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var clock = silo.Client.GetGrain<IClock>(1);
        var before = silo.Time.Armed;
        await clock.Start(dueSeconds: 1, periodSeconds: 1, interleave: false);
        Assert.Equal(before + 1, silo.Time.Armed);

        await clock.Deactivate();
        await clock.Touch();

        Assert.Equal(before, silo.Time.Armed);
        await AdvanceAsync(silo, clock, seconds: 3);
        Assert.Empty(silo.Probe.Said());
    }

    [Theory]
    [InlineData(-2, 1)]
    [InlineData(1, -2)]
    [InlineData(1, 5_000_000_000)]
    public async Task A_time_no_timer_can_keep_is_refused(long dueSeconds, long periodSeconds)
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => silo.Client.GetGrain<IClock>(1).Start(dueSeconds, periodSeconds, interleave: false));
    }

    // A tick queues behind nothing here, so a request made after it is answered after it.
    private static async Task AdvanceAsync(EmbeddedSilo silo, IClock clock, int seconds)
    {
        silo.Time.Advance(TimeSpan.FromSeconds(seconds));
        await clock.Touch();
    }

    internal interface IClock : IGrainWithIntegerKey
    {
        Task Start(long dueSeconds, long? periodSeconds, bool interleave);

        Task StartSlow(long periodSeconds, string gate);

        Task StartEndless(long periodSeconds);

        Task StartFailing(long periodSeconds);

        Task Change(long dueSeconds, long periodSeconds);

        [AlwaysInterleave]
        Task ChangeInterleaving(long dueSeconds, long periodSeconds);

        Task Pass(string gate);

        Task PassThenDispose(string gate);

        [AlwaysInterleave]
        Task DisposeInterleaving();

        [AlwaysInterleave]
        Task Interleave();

        Task Touch();

        Task Deactivate();
    }

    internal sealed class ClockGrain(Probe probe) : Grain, IClock
    {
        private IGrainTimer? _timer;
        private int _ticks;

        public Task Start(long dueSeconds, long? periodSeconds, bool interleave)
        {
            _timer = this.RegisterGrainTimer(
                static grain => grain.OnTick(),
                this,
                new GrainTimerCreationOptions
                {
                    DueTime = TimeSpan.FromSeconds(dueSeconds),
                    Period = periodSeconds is { } period ? TimeSpan.FromSeconds(period) : Timeout.InfiniteTimeSpan,
                    Interleave = interleave,
                });
            return Task.CompletedTask;
        }

        public Task StartSlow(long periodSeconds, string gate)
        {
            var period = TimeSpan.FromSeconds(periodSeconds);
            _timer = this.RegisterGrainTimer(
                async () =>
                {
                    probe.Say("slow tick");
                    await probe.PassAsync(gate);
                },
                period,
                period);
            return Task.CompletedTask;
        }

        public Task StartEndless(long periodSeconds)
        {
            var period = TimeSpan.FromSeconds(periodSeconds);
            _timer = this.RegisterGrainTimer(
                async token =>
                {
                    probe.Say("endless tick");
                    try
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    }
                    finally
                    {
                        probe.Say("tick cancelled");
                    }
                },
                period,
                period);
            return Task.CompletedTask;
        }

        public Task StartFailing(long periodSeconds)
        {
            var period = TimeSpan.FromSeconds(periodSeconds);
            _timer = this.RegisterGrainTimer(
                () =>
                {
                    probe.Say("failing tick");
                    throw new InvalidTimeZoneException("broken");
                },
                period,
                period);
            return Task.CompletedTask;
        }

        public Task Change(long dueSeconds, long periodSeconds)
        {
            _timer!.Change(TimeSpan.FromSeconds(dueSeconds), TimeSpan.FromSeconds(periodSeconds));
            return Task.CompletedTask;
        }

        public Task ChangeInterleaving(long dueSeconds, long periodSeconds) => Change(dueSeconds, periodSeconds);

        public async Task Pass(string gate)
        {
            probe.Say("waits");
            await probe.PassAsync(gate);
        }

        public async Task PassThenDispose(string gate)
        {
            await Pass(gate);
            _timer!.Dispose();
        }

        public Task DisposeInterleaving()
        {
            _timer!.Dispose();
            return Task.CompletedTask;
        }

        public Task Interleave() => Task.CompletedTask;

        public Task Touch() => Task.CompletedTask;

        public Task Deactivate()
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        private Task OnTick()
        {
            probe.Say($"tick {++_ticks}");
            return Task.CompletedTask;
        }
    }
}
