using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>Replicas of a running silo made faulty on purpose, and healed (DESIGN 13).</summary>
public sealed class FaultTests
{
    private const int Faulty = 2;

    public static TheoryData<string> Modes =>
    [
        "silent", "stuck", "wrong", "lie", "equivocate", "slow", "forge", "replay", "corrupt", "drop:0.5", "crash",
        "censor:000000000000000000000000000000ff",
    ];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task With_a_faulty_backup_every_answer_is_right_and_healed_it_is_a_replica_like_the_others(string mode)
    {
        await using var silo = await StartAsync(replicas: 4);
        var client = silo.Connect();
        await client.OpenAsync();
        await client.SubmitAsync([0]);

        var made = await silo.Grains.GetGrain<IReplicaGrain>(Faulty).SetFault(mode);
        Assert.Equal((Faulty, mode), (made.Id, made.Mode));
        for (byte i = 1; i <= 5; i++) Assert.Equal(i + 1, CountOf(await client.SubmitAsync([i])));
        Assert.Equal(mode, (await silo.StatusOf(Faulty)).Fault);

        var healed = await silo.Grains.GetGrain<IReplicaGrain>(Faulty).SetFault(null);
        Assert.Null(healed.Mode);
        for (byte i = 6; i <= 10; i++) Assert.Equal(i + 1, CountOf(await client.SubmitAsync([i])));
        var all = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(all.Select(static status => status.StateDigest).Distinct());
        Assert.All(all, static status => Assert.Null(status.Fault));
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("stuck")]
    [InlineData("wrong")]
    [InlineData("lie")]
    [InlineData("forge")]
    [InlineData("drop:1")]
    public async Task It_acts_and_says_how_often(string mode)
    {
        await using var silo = await StartAsync(replicas: 4);
        await silo.Grains.GetGrain<IReplicaGrain>(Faulty).SetFault(mode);
        var client = silo.Connect();
        await client.OpenAsync();
        for (byte i = 0; i < 5; i++) await client.SubmitAsync([i]);

        await TestSilo.Eventually(async () => (await silo.Grains.GetGrain<IReplicaGrain>(Faulty).GetFault()).Acts > 0);
        Assert.Equal(0, (await silo.Grains.GetGrain<IReplicaGrain>(1).GetFault()).Acts);
    }

    [Fact]
    public async Task With_more_than_f_silent_there_is_no_answer_and_healing_one_brings_it()
    {
        await using var silo = await StartAsync(replicas: 4);
        var client = silo.Connect();
        await client.OpenAsync();
        foreach (var id in (int[])[2, 3]) await silo.Grains.GetGrain<IReplicaGrain>(id).SetFault("silent");

        var answer = client.SubmitAsync([1]);
        await TestSilo.Eventually(async () => (await silo.StatusOf(1)).InFlight > 0);
        Assert.False(answer.IsCompleted);

        await silo.Grains.GetGrain<IReplicaGrain>(3).SetFault(null);
        Assert.Equal(1, CountOf(await answer));
    }

    [Fact]
    public async Task What_looks_crashed_stands_still_and_goes_on_where_it_stopped()
    {
        await using var silo = await StartAsync(replicas: 4);
        var client = silo.Connect();
        await client.OpenAsync();
        await silo.Converge(silo.Cluster.Options.Cluster.All);
        var crashed = silo.Grains.GetGrain<IReplicaGrain>(Faulty);

        await crashed.SetFault("crash");
        var before = await silo.StatusOf(Faulty);
        for (byte i = 0; i < 5; i++) await client.SubmitAsync([i]);

        var during = await silo.StatusOf(Faulty);
        Assert.Equal((before.LastExecuted, before.StateDigest), (during.LastExecuted, during.StateDigest));
        await TestSilo.Eventually(async () => (await silo.StatusOf(Faulty)).Rejected.ContainsKey("Crashed"));

        await crashed.SetFault(null);
        await client.SubmitAsync([5]);
        Assert.Single((await silo.Converge(silo.Cluster.Options.Cluster.All)).Select(static status => status.StateDigest).Distinct());
    }

    [Fact]
    public async Task A_silo_stops_in_good_order_while_a_replica_looks_crashed()
    {
        var silo = await StartAsync(replicas: 4);
        await silo.Grains.GetGrain<IReplicaGrain>(0).SetFault("crash");
        await silo.Grains.GetGrain<IReplicaGrain>(Faulty).SetFault("crash");

        await silo.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_crash_can_become_another_fault()
    {
        await using var silo = await StartAsync(replicas: 4);
        var client = silo.Connect();
        var replica = silo.Grains.GetGrain<IReplicaGrain>(Faulty);
        await replica.SetFault("crash");
        await client.OpenAsync();
        await replica.SetFault("wrong"); // it goes on, and tells wrong things

        await client.SubmitAsync([1]);
        await client.SubmitAsync([2]);
        var all = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(all.Select(static status => status.StateDigest).Distinct());
    }

    [Fact]
    public async Task Forged_messages_are_rejected_by_those_they_are_sent_to()
    {
        await using var silo = await StartAsync(replicas: 4);
        await silo.Grains.GetGrain<IReplicaGrain>(Faulty).SetFault("forge");
        var client = silo.Connect();
        await client.OpenAsync();
        for (byte i = 0; i < 20; i++) await client.SubmitAsync([i]);

        await TestSilo.Eventually(async () =>
            (await silo.StatusOfAll()).Where(static status => status.Id != Faulty).Any(static status => status.Rejected.ContainsKey(nameof(RejectReason.BadSignature))));
        Assert.All(await silo.StatusOfAll(), static status => Assert.Equal(0, status.Accusations)); // nobody is blamed for what another forged
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_is_refused_with_those_that_do()
    {
        await using var silo = await StartAsync(replicas: 1);

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => silo.Grains.GetGrain<IReplicaGrain>(0).SetFault("lei"));

        Assert.Contains("Did you mean lie?", refusal.Message, StringComparison.Ordinal);
        Assert.Null((await silo.Grains.GetGrain<IReplicaGrain>(0).GetFault()).Mode);
    }

    [Fact]
    public async Task Where_faults_are_not_enabled_there_is_none()
    {
        await using var silo = await TestSilo.StartAsync(replicas: 1);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grains.GetGrain<IReplicaGrain>(0).SetFault("lie"));

        Assert.Contains("Pbft:FaultInjection:Enabled", refusal.Message, StringComparison.Ordinal);
        Assert.Null((await silo.StatusOf(0)).Fault);
    }

    private static Task<TestSilo> StartAsync(int replicas) =>
        TestSilo.StartAsync(replicas, static options =>
        {
            options.FaultInjection.Enabled = true;
            (options.RequestTimeout, options.OrderingDelayMax) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)); // what a slow replica stays below
        });

    /// <summary>How many operations the register had been given, this one included, by what f + 1 replicas say.</summary>
    private static long CountOf(AcceptedReply accepted)
    {
        Assert.True(OperationResults.TryRead(accepted.Reply.Results, out var results));
        return BitConverter.ToInt64(results[0].Data.Span);
    }
}
