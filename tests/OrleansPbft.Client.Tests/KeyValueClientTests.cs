using System.Buffers;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OperationStatus = OrleansPbft.Core.OperationStatus;

namespace OrleansPbft.Client.Tests;

/// <summary>The typed client, over a real store without a cluster around it.</summary>
public sealed class KeyValueClientTests
{
    private readonly KeyValueClient _client = new(new StoreWithoutCluster());

    [Fact]
    public async Task Entries_are_written_read_listed_counted_and_deleted()
    {
        var stop = TestContext.Current.CancellationToken;

        Assert.Equal(KeyValueOutcome.NotFound, (await _client.GetAsync("a", cancellationToken: stop)).Result.Outcome);
        Assert.Equal(KeyValueOutcome.Written, (await _client.PutAsync("a", "x"u8.ToArray(), cancellationToken: stop)).Result.Outcome);
        Assert.Equal("x", Encoding.UTF8.GetString((await _client.GetAsync("a", ordered: true, stop)).Result.Value.Span));
        Assert.Equal("5", Encoding.UTF8.GetString((await _client.IncrementAsync("n", 5, stop)).Result.Value.Span));
        Assert.Equal(["a", "n"], (await _client.ListAsync(cancellationToken: stop)).Result.Items.Select(static item => item.Key));
        Assert.Equal(["a", "n"], (await _client.ListAsync(ordered: true, cancellationToken: stop)).Result.Items.Select(static item => item.Key));
        Assert.Equal(KeyValueOutcome.VersionMismatch, (await _client.PutAsync("a", "y"u8.ToArray(), ifVersion: 0, stop)).Result.Outcome);
        Assert.Equal(KeyValueOutcome.Deleted, (await _client.DeleteAsync("a", cancellationToken: stop)).Result.Outcome);
    }

    [Fact]
    public async Task Reads_are_not_ordered_unless_that_is_asked_for()
    {
        var stop = TestContext.Current.CancellationToken;

        Assert.Equal(AnswerPath.Quorum, (await _client.GetAsync("a", cancellationToken: stop)).Path);
        Assert.Equal(AnswerPath.Quorum, (await _client.ListAsync(cancellationToken: stop)).Path);
        Assert.Equal(AnswerPath.Ordered, (await _client.GetAsync("a", ordered: true, stop)).Path);
        Assert.Equal(AnswerPath.Ordered, (await _client.ListAsync(ordered: true, cancellationToken: stop)).Path);
        Assert.Equal(AnswerPath.Ordered, (await _client.PutAsync("a", default, cancellationToken: stop)).Path);
    }

    [Fact]
    public async Task What_the_store_refuses_throws_with_its_reason()
    {
        var failure = await Assert.ThrowsAsync<PbftOperationException>(
            () => _client.PutAsync("", "x"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((OperationStatus.Rejected, false), (failure.Status, failure.MayHaveExecuted));
        Assert.NotEmpty(failure.Message);
    }

    private sealed class StoreWithoutCluster : IPbftClient
    {
        private readonly KeyValueStore _store = new();

        public Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default) =>
            Task.FromResult(new BundleOutcome([.. operations.Select(Apply)], new(0), new(1), ReplicaSet.FirstN(2)));

        public Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default) =>
            Task.FromResult(new BundleOutcome([.. operations.Select(Query)], new(0), new(1), ReplicaSet.FirstN(2)) { Path = AnswerPath.Quorum });

        private OperationResult Query(ReadOnlyMemory<byte> operation)
        {
            var result = new ArrayBufferWriter<byte>();
            _store.Query(operation.Span, result);
            return new(OperationStatus.Done, result.WrittenMemory);
        }

        private OperationResult Apply(ReadOnlyMemory<byte> operation)
        {
            var result = new ArrayBufferWriter<byte>();
            try
            {
                _store.Apply(operation.Span, new(new(1), new(1), new(1), 0, 0), result);
                return new(OperationStatus.Done, result.WrittenMemory);
            }
            catch (OperationRejectedException refusal)
            {
                return new(OperationStatus.Rejected, Encoding.UTF8.GetBytes(refusal.Message));
            }
        }
    }
}
