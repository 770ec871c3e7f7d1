using System.Buffers.Binary;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>The client inside the silo (rule C-4): accepts at f + 1, for many callers at a time.</summary>
public sealed class ClientGrainTests
{
    private static readonly ReadOnlyMemory<byte> Operation = new byte[] { 1 };

    [Theory]
    [InlineData(AuthenticationMode.Macs)]
    [InlineData(AuthenticationMode.Signatures)]
    public async Task A_bundle_goes_through_the_cluster_and_comes_back_accepted_at_f_plus_1(AuthenticationMode mode)
    {
        await using var silo = await TestSilo.StartAsync(configure: options => options.Authentication = mode);
        var client = silo.Grains.GetPbftClient("one");

        var outcome = await client.SubmitAsync([Operation, Operation, Operation], TestContext.Current.CancellationToken);

        Assert.Equal([1L, 2L, 3L], outcome.Results.Select(static result => BinaryPrimitives.ReadInt64LittleEndian(result.Data.Span)));
        Assert.All(outcome.Results, static result => Assert.Equal(OperationStatus.Done, result.Status));
        Assert.Equal(2, outcome.Sequence.Value); // the session was opened at 1
        Assert.True(outcome.Replicas.Count >= 2);
    }

    [Fact]
    public async Task Callers_of_one_session_interleave_and_each_gets_its_own_answer()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.SessionWindow = 8);
        var client = silo.Grains.GetPbftClient("shared");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.SubmitAsync([Operation], TestContext.Current.CancellationToken)));

        Assert.Equal(
            Enumerable.Range(1, 100).Select(static count => (long)count),
            outcomes.Select(static outcome => BinaryPrimitives.ReadInt64LittleEndian(outcome.Results[0].Data.Span)).Order());
        Assert.All(await silo.StatusOfAll(), static status => Assert.Equal(1, status.Sessions));
    }

    [Fact]
    public async Task Without_a_quorum_the_caller_is_told_so_when_its_time_is_up()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.ClientTimeout = TimeSpan.FromSeconds(2));
        var client = silo.Grains.GetPbftClient("one");
        await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);

        silo.Peers.Silent = ReplicaSet.Empty.With(new(1)).With(new(2));
        var failure = await Assert.ThrowsAsync<PbftTimeoutException>(() => client.SubmitAsync([Operation], TestContext.Current.CancellationToken));
        silo.Peers.Silent = default;
        var after = await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);

        Assert.True(failure.MayHaveExecuted);
        Assert.Equal(3L, BinaryPrimitives.ReadInt64LittleEndian(after.Results[0].Data.Span)); // executed once, after all
    }

    [Theory]
    [InlineData(AuthenticationMode.Macs)]
    [InlineData(AuthenticationMode.Signatures)]
    public async Task A_read_is_answered_by_a_quorum_and_orders_nothing(AuthenticationMode mode)
    {
        await using var silo = await TestSilo.StartAsync(configure: options => options.Authentication = mode);
        var client = silo.Grains.GetPbftClient("one");
        await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);
        var before = (await silo.StatusOfAll()).Max(static status => status.LastExecuted);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.QueryAsync([Operation, Operation], TestContext.Current.CancellationToken)));

        Assert.All(outcomes, static outcome => Assert.Equal(AnswerPath.Quorum, outcome.Path));
        Assert.All(outcomes, static outcome => Assert.Equal(
            [1L, 1L], outcome.Results.Select(static result => BinaryPrimitives.ReadInt64LittleEndian(result.Data.Span))));
        Assert.Equal(before, (await silo.StatusOfAll()).Max(static status => status.LastExecuted));
    }

    [Fact]
    public async Task A_read_follows_every_write_that_was_answered_before_it()
    {
        await using var silo = await TestSilo.StartAsync();
        var writer = silo.Grains.GetPbftClient("writer");
        var reader = silo.Grains.GetPbftClient("reader");
        var executed = 0;
        for (var i = 0; i < 200; i++)
        {
            var written = await writer.SubmitAsync([Operation], TestContext.Current.CancellationToken);
            var read = await reader.QueryAsync([Operation], TestContext.Current.CancellationToken);

            executed += read.Path == AnswerPath.Ordered ? 2 : 1; // where answers come late it is ordered, and this operation counts all that is executed
            Assert.Equal(executed, BinaryPrimitives.ReadInt64LittleEndian(read.Results[0].Data.Span));
            Assert.True(read.Sequence >= written.Sequence);
        }
    }

    [Fact]
    public async Task One_silent_replica_takes_no_read_its_short_cut()
    {
        await using var silo = await TestSilo.StartAsync();
        var client = silo.Grains.GetPbftClient("one");
        await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);
        silo.Peers.Silent = ReplicaSet.Empty.With(new(3));

        var outcome = await client.QueryAsync([Operation], TestContext.Current.CancellationToken);

        Assert.Equal(AnswerPath.Quorum, outcome.Path);
    }

    [Fact]
    public async Task Operations_that_can_not_be_sent_are_refused_with_the_reason()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.OperationsMax = 2);
        var client = silo.Grains.GetPbftClient("one");

        var none = await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitAsync([], TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitAsync([Operation, Operation, Operation], TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitAsync([new byte[1 << 20]], TestContext.Current.CancellationToken));

        await Assert.ThrowsAsync<ArgumentException>(() => client.QueryAsync([], TestContext.Current.CancellationToken));
        Assert.Contains("1 to 2 operations", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_in_place_of_replies_changes_nothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var client = silo.Grains.GetPbftClient("one");
        await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);

        for (var length = 0; length < 300; length++) await silo.Grains.GetGrain<IClientGrain>("one").Deliver(new(new byte[length], origin: 1));
        var after = await client.SubmitAsync([Operation], TestContext.Current.CancellationToken);

        Assert.Equal(2L, BinaryPrimitives.ReadInt64LittleEndian(after.Results[0].Data.Span));
    }

    [Fact]
    public void Every_failure_crosses_the_grain_call_as_itself()
    {
        PbftException[] failures =
        [
            new PbftBusyException("busy", TimeSpan.FromSeconds(3), mayHaveExecuted: true),
            new PbftTimeoutException("late", mayHaveExecuted: false),
            new PbftSessionLostException("lost", ReplyStatus.BelowWindow),
            new PbftResultDroppedException(new(7)),
            new PbftFaultyClusterException("faulty"),
            new PbftConnectionException("gone", mayHaveExecuted: true),
        ];

        foreach (var failure in failures)
        {
            var crossed = Assert.ThrowsAny<PbftException>(() => BundleAnswer.Of(failure).ToOutcome());
            Assert.Equal(failure.GetType(), crossed.GetType());
            Assert.Equal(failure.Message, crossed.Message);
            Assert.Equal(BundleAnswer.Of(failure), BundleAnswer.Of(crossed));
        }
    }
}
