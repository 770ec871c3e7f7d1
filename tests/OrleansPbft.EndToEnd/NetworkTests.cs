using OrleansPbft.Client;
using OrleansPbft.Cryptography;

namespace OrleansPbft.EndToEnd;

/// <summary>Real partitions between real processes, and processes that stand still, under load: the others go on, and those concerned come back.</summary>
public sealed class NetworkTests(NetworkTests.ProxiedFederation fixture) : IClassFixture<NetworkTests.ProxiedFederation>
{
    private Federation Federation => fixture.Federation;

    private Network Network => Federation.Network!;

    /// <summary>Links are one each way, so that one direction alone can fail: the primary hears all, and nobody hears it.</summary>
    [Fact]
    public async Task A_primary_whom_nobody_hears_is_replaced_and_comes_back()
    {
        await using var load = Federation.BeginLoad();
        await load.GoesOnAsync();
        var before = await Federation.StatusAsync();

        Network.CutFrom(before.Primary);
        await load.GoesOnAsync(60); // more than what was under way
        var meanwhile = await Federation.StatusAsync();
        Network.Heal();

        await Federation.CaughtUpAsync(before.Primary);
        await load.GoesOnAsync();
        await Federation.EndAsync(load);
        Assert.True(meanwhile.View > before.View, $"The view was {before.View}, and is {meanwhile.View}.");
    }

    [Fact]
    public async Task A_primary_that_hears_nobody_costs_nothing_that_was_acknowledged()
    {
        await using var load = Federation.BeginLoad();
        await load.GoesOnAsync();
        var deaf = (await Federation.StatusAsync()).Primary;

        Network.CutTo(deaf);
        await load.GoesOnAsync(200); // beyond the deaf one's window: it can not go on as the primary
        Network.Heal();

        await Federation.CaughtUpAsync(deaf);
        await load.GoesOnAsync();
        await Federation.EndAsync(load);
    }

    /// <summary>Two against two: neither side has a quorum, so nothing is acknowledged, and nothing is decided twice.</summary>
    [Fact]
    public async Task Halves_that_do_not_hear_each_other_acknowledge_nothing_until_they_do()
    {
        await using var load = Federation.BeginLoad();
        await load.GoesOnAsync();

        Network.Part([0, 1]);
        using var keys = KeyFile.Load(Federation.PathOf("client", ConfigFolder.ClientKey));
        await using var connection = new ClusterConnection(Federation.File, keys);
        await using var client = connection.CreateClient(keys, new() { RequestTimeout = TimeSpan.FromSeconds(3) });
        await Assert.ThrowsAsync<PbftTimeoutException>(
            () => new KeyValueClient(client).PutAsync("half", "way"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken));
        Network.Heal();

        await load.GoesOnAsync();
        await Federation.EndAsync(load);
    }

    /// <summary>No connection breaks: both ends must notice by themselves that nothing comes through.</summary>
    [Fact]
    public async Task A_replica_behind_a_network_that_swallows_everything_is_done_without_and_taken_back()
    {
        await using var load = Federation.BeginLoad();
        await load.GoesOnAsync();
        var lost = (await Federation.StatusAsync()).Primary;

        for (var other = 0; other < Federation.Replicas; other++)
        {
            if (other == lost) continue;
            Network[lost, other].Hold();
            Network[other, lost].Hold();
        }

        await load.GoesOnAsync(60);
        Network.Heal();

        await Federation.CaughtUpAsync(lost);
        await Federation.EndAsync(load);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_that_stands_still_under_load_is_done_without_and_taken_back(bool isPrimary)
    {
        if (OperatingSystem.IsWindows()) return; // there are no such signals
        await using var load = Federation.BeginLoad();
        await load.GoesOnAsync();
        var still = ((await Federation.StatusAsync()).Primary + (isPrimary ? 0 : 1)) % Federation.Replicas;

        Federation[still].Signal(ProgramProcess.Stop);
        try
        {
            await load.GoesOnAsync(60);
            await Task.Delay(LongForm.Pause, TestContext.Current.CancellationToken); // in the long form
            await load.GoesOnAsync();
        }
        finally
        {
            Federation[still].Signal(ProgramProcess.Continue);
        }

        await Federation.CaughtUpAsync(still);
        await load.GoesOnAsync();
        await Federation.EndAsync(load);
    }

    /// <summary>A federation for all tests of the class, each of which leaves it healed.</summary>
    public sealed class ProxiedFederation : IAsyncLifetime
    {
        internal Federation Federation { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Federation = await Federation.CreateAsync(keys: Federation.SmallWindow, settings: Federation.Quick, isProxied: true);
            await Federation.StartAllAsync();
        }

        public ValueTask DisposeAsync() => Federation.DisposeAsync();
    }
}
