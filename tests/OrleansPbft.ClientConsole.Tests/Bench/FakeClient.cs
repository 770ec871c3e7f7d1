using System.Collections.Immutable;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Tests.Bench;

/// <summary>Answers every request with what a script says: a result for all of its operations, or an exception.</summary>
internal sealed class FakeClient(Func<int, object> answer) : IPbftClient
{
    public static readonly OperationResult Written = new(OperationStatus.Done, new byte[] { (byte)KeyValueOutcome.Written });

    /// <summary>What a cluster answers that wrote so many.</summary>
    public static BundleOutcome Answer(int operations) => new([.. Enumerable.Repeat(Written, operations)], new(0), new(1), ReplicaSet.FirstN(2));

    private int _requests;
    private int _queries;

    public int Requests => _requests;

    /// <summary>How many of the requests were not to be ordered.</summary>
    public int Queries => _queries;

    public async Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _queries);
        return await SubmitAsync(operations, cancellationToken) with { Path = AnswerPath.Quorum };
    }

    public async Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken)
    {
        var place = Interlocked.Increment(ref _requests);
        await Task.Yield();
        return answer(place) switch
        {
            OperationResult result => new([.. Enumerable.Repeat(result, operations.Count)], new(0), new(place), ReplicaSet.FirstN(2)),
            ImmutableArray<OperationResult> results => new(results, new(0), new(place), ReplicaSet.FirstN(2)),
            Exception failure => throw failure,
            var other => throw new InvalidOperationException($"The script says {other}."),
        };
    }
}
