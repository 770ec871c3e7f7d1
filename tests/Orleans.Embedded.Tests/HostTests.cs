using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Embedded.Tests;

/// <summary>A silo in its host.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Stopping_finishes_what_is_queued_and_then_deactivates_every_grain()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var first = silo.Client.GetGrain<IResident>(1);
        var second = silo.Client.GetGrain<IResident>(2);
        var blocking = first.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());
        _ = first.SayVia("first, queued", via: 2);
        _ = second.Say("second");

        var stopping = silo.StopAsync(TestContext.Current.CancellationToken);
        silo.Probe.Open("gate");
        await blocking;
        await stopping;

        var said = silo.Probe.Said();
        Assert.Equal(["deactivated: ShuttingDown", "deactivated: ShuttingDown"], said[^2..]);
        Assert.Equal(["first, queued", "second"], said[..^2].Order());
        Assert.Equal(0, silo.Silo.ActivationCount);
    }

    [Fact]
    public async Task After_stopping_calls_fail_and_one_way_calls_are_counted()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var resident = silo.Client.GetGrain<IResident>(1);
        await resident.Ask();

        await silo.StopAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<SiloUnavailableException>(resident.Ask);
        Assert.True(resident.Say("lost").IsCompletedSuccessfully);
        Assert.Equal(1, silo.Silo.Dropped);
        Assert.Equal(0, silo.Silo.ActivationCount);
    }

    [Fact]
    public async Task Before_starting_references_can_be_had_but_calls_fail()
    {
        await using var silo = EmbeddedSilo.Build();
        var resident = silo.Client.GetGrain<IResident>(1);

        await Assert.ThrowsAsync<SiloUnavailableException>(resident.Ask);
        await silo.StartAsync();

        Assert.Equal(1, await resident.Ask());
    }

    [Fact]
    public async Task A_grain_that_never_ends_delays_stopping_only_as_long_as_the_host_allows()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var stuck = silo.Client.GetGrain<IResident>(1);
        _ = stuck.Pass("never");
        Assert.Equal("waits", await silo.Probe.NextAsync());

        await silo.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal("The silo stopped before 1 activations were deactivated", (await silo.Log.NextAsync(eventId: 402)).Text);
    }

    [Fact]
    public async Task A_grain_whose_deactivation_fails_or_hangs_goes_all_the_same()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        await silo.Client.GetGrain<IStubborn>("fails").Ask();
        await silo.Client.GetGrain<IStubborn>("hangs").Ask();

        var stopping = silo.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal("hangs", await silo.Probe.NextAsync());
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await stopping;

        Assert.Equal(2, silo.Log.Take(eventId: 202).Count);
        Assert.Equal(0, silo.Silo.ActivationCount);
    }

    [Fact]
    public void Every_host_builder_takes_a_silo_and_several_configurations_make_one()
    {
        var application = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        application.UseOrleans().UseOrleans(static silo => silo.AddActivityPropagation());
        ((IHostApplicationBuilder)application).UseOrleans();
        application.Services.AddOrleans(static silo => silo.UseLocalhostClustering(serviceId: "s", clusterId: "c"));
        application.Services.AddSingleton<Probe>();
        using var host = application.Build();
        using var classic = new HostBuilder()
            .UseOrleans(static silo => silo.Services.AddSingleton<Probe>())
            .Build();

        Assert.Single(host.Services.GetServices<IHostedService>());
        Assert.Equal("c", host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
        Assert.Same(host.Services.GetRequiredService<IClusterClient>(), host.Services.GetRequiredService<IGrainFactory>());
        Assert.NotNull(classic.Services.GetRequiredService<IClusterClient>().GetGrain<IResident>(1));
    }

    [Fact]
    public async Task Impossible_options_stop_the_start_with_all_their_problems()
    {
        var silo = EmbeddedSilo.Build(static builder => builder
            .Configure<GrainCollectionOptions>(static options =>
            {
                options.CollectionAge = TimeSpan.FromSeconds(1);
                options.ActivationTimeout = TimeSpan.Zero;
            }));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(silo.StartAsync);

        Assert.Contains("CollectionAge (00:00:01) must be more than CollectionQuantum", error.Message, StringComparison.Ordinal);
        Assert.Contains("ActivationTimeout (00:00:00) must be more than zero", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_callers_activity_is_current_in_the_grain_only_where_propagation_is_on(bool propagates)
    {
        await using var silo = await EmbeddedSilo.StartAsync(builder =>
        {
            if (propagates) builder.AddActivityPropagation();
        });
        var resident = silo.Client.GetGrain<IResident>(1);
        using var activity = new Activity("caller").Start();

        var seen = await resident.CurrentActivity();
        activity.Stop();

        Assert.Equal(propagates ? activity.Id : null, seen);
        Assert.Null(await resident.CurrentActivity());
    }

    internal interface IResident : IGrainWithIntegerKey
    {
        Task Pass(string gate);

        Task<int> Ask();

        [OneWay]
        Task Say(string what);

        [OneWay]
        Task SayVia(string what, long via);

        Task<string?> CurrentActivity();
    }

    internal interface IStubborn : IGrainWithStringKey
    {
        Task Ask();
    }

    internal sealed class ResidentGrain(Probe probe) : Grain, IResident
    {
        public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
            Say($"deactivated: {reason.ReasonCode}");

        public async Task Pass(string gate)
        {
            probe.Say("waits");
            await probe.PassAsync(gate);
        }

        public Task<int> Ask() => Task.FromResult(1);

        public Task Say(string what)
        {
            probe.Say(what);
            return Task.CompletedTask;
        }

        public async Task SayVia(string what, long via)
        {
            await GrainFactory.GetGrain<IResident>(via).Ask();
            await Say(what);
        }

        public Task<string?> CurrentActivity() => Task.FromResult(Activity.Current?.Id);
    }

    internal sealed class StubbornGrain(Probe probe) : Grain, IStubborn
    {
        public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            if (this.GetPrimaryKeyString() == "fails") throw new InvalidTimeZoneException("broken");
            probe.Say("hangs");
            return new TaskCompletionSource().Task;
        }

        public Task Ask() => Task.CompletedTask;
    }
}
