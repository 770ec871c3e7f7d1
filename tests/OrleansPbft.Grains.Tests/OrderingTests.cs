using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>One request's way through the grains, and what silence does to it (PBFT 4.2; LESSONS B9).</summary>
public sealed class OrderingTests
{
    public static TheoryData<int, int[]> SilentBackups()
    {
        var cases = new TheoryData<int, int[]> { { 4, [1] }, { 4, [2] }, { 4, [3] }, { 5, [4] }, { 6, [1] }, { 10, [1, 5, 9] } };
        for (var a = 1; a < 7; a++)
        {
            for (var b = a + 1; b < 7; b++) cases.Add(7, [a, b]);
        }

        return cases;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public async Task A_request_is_ordered_executed_and_accepted_at_f_plus_1_equal_replies(int replicas)
    {
        await using var silo = await TestSilo.StartAsync(replicas);
        var client = silo.Connect();

        var opened = await client.OpenAsync();
        var accepted = await client.SubmitAsync("one"u8.ToArray(), "two"u8.ToArray());

        Assert.Equal(ReplyStatus.SessionOpened, opened.Reply.Status);
        Assert.Equal(ReplyStatus.Executed, accepted.Reply.Status);
        Assert.Equal(opened.Reply.Sequence.Next, accepted.Reply.Sequence);
        Assert.True(accepted.Agreed.Count >= silo.Cluster.Options.Cluster.WeakQuorum);
    }

    [Theory]
    [MemberData(nameof(SilentBackups))]
    public async Task Everything_completes_while_f_backups_are_silent(int replicas, int[] silent)
    {
        await using var silo = await TestSilo.StartAsync(replicas);
        Assert.Equal(silo.Cluster.Options.Cluster.MaxFaulty, silent.Length);
        foreach (var id in silent) silo.Peers.Silent = silo.Peers.Silent.With(new(id));
        var client = silo.Connect();
        await client.OpenAsync();

        for (var i = 0; i < 10; i++)
        {
            var accepted = await client.SubmitAsync([(byte)i]);
            Assert.Equal(ReplyStatus.Executed, accepted.Reply.Status);
            foreach (var replica in accepted.Agreed) Assert.DoesNotContain(replica.Index, silent);
        }

        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
    }

    [Theory]
    [InlineData(AuthenticationMode.Macs)]
    [InlineData(AuthenticationMode.Signatures)]
    public async Task Many_clients_at_once_leave_equal_digests_on_all_replicas(AuthenticationMode mode)
    {
        await using var silo = await TestSilo.StartAsync(
            configure: options => (options.CheckpointInterval, options.LogWindow, options.Authentication) = (4, 8, mode));
        var clients = Enumerable.Range(0, 16).Select(_ => silo.Connect()).ToArray();
        await Task.WhenAll(clients.Select(static client => client.OpenAsync()));

        var answers = new List<Task<AcceptedReply>>();
        for (byte i = 0; i < 32; i++) answers.AddRange(clients.Select(client => client.SubmitAsync([i])));
        var accepted = await Task.WhenAll(answers);

        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.All(accepted, static answer => Assert.Equal(ReplyStatus.Executed, answer.Reply.Status));
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
        Assert.All(statuses, static status => Assert.True(status.StableCheckpoint > 0));
        Assert.All(statuses, static status => Assert.Equal(0, status.Accusations));
    }
}
