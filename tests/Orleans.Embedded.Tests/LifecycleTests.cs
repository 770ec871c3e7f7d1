using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Embedded.Tests;

/// <summary>How activations come and go.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_grain_is_activated_before_its_first_request_and_once()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var guest = silo.Client.GetGrain<IGuest>("a");

        await Task.WhenAll(guest.Greet(), guest.Greet());

        Assert.Equal(["activated 1", "greeted by 1", "greeted by 1"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_deactivated_grain_says_why_and_the_next_call_activates_it_anew()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var guest = silo.Client.GetGrain<IGuest>("a");

        await guest.Leave();
        await guest.Greet();

        Assert.Equal(
            ["activated 1", "deactivated 1: ApplicationRequested", "disposed 1", "activated 2", "greeted by 2"], silo.Probe.Said());
    }

    [Fact]
    public async Task Requests_that_wait_while_a_grain_goes_are_for_its_successor_in_their_order()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var guest = silo.Client.GetGrain<IGuest>("a");
        var leaving = guest.LeaveAfter("gate");
        for (var i = 0; i < 100; i++) _ = guest.Note(i);
        var notes = guest.Notes();

        silo.Probe.Open("gate");

        await leaving;
        Assert.Equal(Enumerable.Range(0, 100), await notes);
        Assert.Equal(
            ["activated 1", "deactivated 1: ApplicationRequested", "disposed 1", "activated 2"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_call_made_while_a_grain_deactivates_waits_for_its_successor()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var guest = silo.Client.GetGrain<IGuest>("a");
        await guest.SlowDeactivation("deactivation");
        await guest.Leave();
        Assert.Equal("activated 1", await silo.Probe.NextAsync());
        Assert.Equal("deactivated 1: ApplicationRequested", await silo.Probe.NextAsync());

        var greeting = guest.Greet();
        Assert.False(greeting.IsCompleted);
        silo.Probe.Open("deactivation");
        await greeting;

        Assert.Equal(["disposed 1", "activated 2", "greeted by 2"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_failed_activation_reaches_every_caller_that_waited_and_the_next_call_tries_again()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        silo.Probe.FailActivation = true;
        var guest = silo.Client.GetGrain<IGuest>("a");
        var first = guest.Greet();
        var second = guest.Greet();
        silo.Probe.Open("activation");

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => first);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => second);
        silo.Probe.FailActivation = false;
        await guest.Greet();

        Assert.Equal(["disposed 1", "activated 2", "greeted by 2"], silo.Probe.Said());
        Assert.Single(silo.Log.Take(eventId: 201));
    }

    [Fact]
    public async Task A_grain_that_can_not_be_constructed_fails_its_callers()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Client.GetGrain<IImpossibleGuest>(1).Greet());

        Assert.Contains(nameof(NotRegistered), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activation_that_takes_too_long_fails_its_callers()
    {
        await using var silo = await EmbeddedSilo.StartAsync(
            static builder => builder.Configure<SiloMessagingOptions>(static options => options.ResponseTimeout = TimeSpan.FromHours(1)));
        var call = silo.Client.GetGrain<ISleeper>(1).Greet();
        Assert.Equal("asleep", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromSeconds(31));

        var error = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Contains("was not activated within 00:00:30", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_that_leaves_whenever_it_is_activated_does_not_pass_its_callers_on_for_ever()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        await Assert.ThrowsAsync<OrleansMessageRejectionException>(() => silo.Client.GetGrain<IRunaway>(1).Greet());

        Assert.Equal(["activated", "activated", "activated"], silo.Probe.Said());
    }

    [Fact]
    public async Task Each_activation_has_a_service_scope_of_its_own()
    {
        await using var silo = await EmbeddedSilo.StartAsync(
            static builder => builder.Services.AddScoped<Scoped>());
        var first = silo.Client.GetGrain<IScopedGuest>(1);
        var second = silo.Client.GetGrain<IScopedGuest>(2);

        Assert.Same(await first.Mine(), await first.Mine());
        Assert.NotSame(await first.Mine(), await second.Mine());
        var mine = (Scoped)await first.Mine();
        await silo.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(mine.IsDisposed);
    }

    internal interface IGuest : IGrainWithStringKey
    {
        Task Greet();

        Task Leave();

        Task LeaveAfter(string gate);

        Task WaitAt(string gate);

        Task SlowDeactivation(string gate);

        [OneWay]
        Task Note(int value);

        Task<List<int>> Notes();

        Task TickEveryMinute(bool keepAlive);
    }

    internal interface IImpossibleGuest : IGrainWithIntegerKey
    {
        Task Greet();
    }

    internal interface ISleeper : IGrainWithIntegerKey
    {
        Task Greet();
    }

    internal interface IRunaway : IGrainWithIntegerKey
    {
        Task Greet();
    }

    internal interface IScopedGuest : IGrainWithIntegerKey
    {
        Task<object> Mine();
    }

    internal sealed class GuestGrain : Grain, IGuest, IDisposable
    {
        private readonly Probe _probe;
        private readonly List<int> _notes = [];
        private readonly int _number;
        private string? _slowDeactivation;

        public GuestGrain(Probe probe)
        {
            _probe = probe;
            _number = probe.Count();
        }

        public override async Task OnActivateAsync(CancellationToken cancellationToken)
        {
            if (_probe.FailActivation)
            {
                await _probe.PassAsync("activation");
                throw new InvalidTimeZoneException("no entry");
            }

            _probe.Say($"activated {_number}");
        }

        public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            _probe.Say($"deactivated {_number}: {reason.ReasonCode}");
            if (_slowDeactivation is { } gate) await _probe.PassAsync(gate);
        }

        public void Dispose() => _probe.Say($"disposed {_number}");

        public Task Greet()
        {
            _probe.Say($"greeted by {_number}");
            return Task.CompletedTask;
        }

        public Task Leave()
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        public async Task LeaveAfter(string gate)
        {
            await _probe.PassAsync(gate);
            DeactivateOnIdle();
        }

        public async Task WaitAt(string gate)
        {
            _probe.Say("waits");
            await _probe.PassAsync(gate);
        }

        public Task SlowDeactivation(string gate)
        {
            _slowDeactivation = gate;
            return Task.CompletedTask;
        }

        public Task Note(int value)
        {
            _notes.Add(value);
            return Task.CompletedTask;
        }

        public Task<List<int>> Notes() => Task.FromResult<List<int>>([.. _notes]);

        public Task TickEveryMinute(bool keepAlive)
        {
            this.RegisterGrainTimer(
                () =>
                {
                    _probe.Say("tick");
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions
                {
                    DueTime = TimeSpan.FromMinutes(1),
                    Period = TimeSpan.FromMinutes(1),
                    KeepAlive = keepAlive,
                });
            return Task.CompletedTask;
        }
    }

    internal sealed class NotRegistered;

    internal sealed class ImpossibleGuestGrain(NotRegistered service) : Grain, IImpossibleGuest
    {
        public Task Greet() => Task.FromResult(service);
    }

    internal sealed class SleeperGrain(Probe probe) : Grain, ISleeper
    {
        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            probe.Say("asleep");
            return probe.PassAsync("never");
        }

        public Task Greet() => Task.CompletedTask;
    }

    internal sealed class RunawayGrain(Probe probe) : Grain, IRunaway
    {
        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            probe.Say("activated");
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        public Task Greet() => Task.CompletedTask;
    }

    internal sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    internal sealed class ScopedGuestGrain(Scoped scoped) : Grain, IScopedGuest
    {
        public Task<object> Mine() => Task.FromResult<object>(scoped);
    }
}
