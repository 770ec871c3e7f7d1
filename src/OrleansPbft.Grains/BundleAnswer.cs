using System.Collections.Immutable;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains;

/// <summary>What a client grain answers: results, or why there are none, in types that cross a grain call.</summary>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.BundleAnswer")]
public sealed record BundleAnswer
{
    /// <summary>Why there is no answer; <see cref="BundleFailure.None"/> where there is one.</summary>
    [Id(0)]
    public BundleFailure Failure { get; init; }

    /// <summary>The same as a sentence; null where there is an answer.</summary>
    [Id(1)]
    public string? Problem { get; init; }

    /// <summary>Whether the operations may have been executed although there is no answer.</summary>
    [Id(2)]
    public bool MayHaveExecuted { get; init; }

    /// <summary>How long to wait before trying again, of <see cref="BundleFailure.Busy"/>.</summary>
    [Id(3)]
    public TimeSpan RetryAfter { get; init; }

    /// <summary>What became of each operation, as the number of an <see cref="OperationStatus"/>, in order.</summary>
    [Id(4)]
    public ImmutableArray<byte> Statuses { get; init; } = [];

    /// <summary>The result of each operation, in order.</summary>
    [Id(5)]
    public ImmutableArray<ReadOnlyMemory<byte>> Results { get; init; } = [];

    /// <summary>The view a replica that answered was in.</summary>
    [Id(6)]
    public long View { get; init; }

    /// <summary>Where the bundle was executed.</summary>
    [Id(7)]
    public long Sequence { get; init; }

    /// <summary>Which replicas gave equal answers, one bit each.</summary>
    [Id(8)]
    public ulong Replicas { get; init; }

    /// <summary>What f + 1 replicas agreed on that is no result, of <see cref="BundleFailure.SessionLost"/>: the number of a <see cref="ReplyStatus"/>.</summary>
    [Id(9)]
    public byte Status { get; init; }

    /// <summary>How the answer came about, as the number of an <see cref="AnswerPath"/>.</summary>
    [Id(10)]
    public byte Path { get; init; }

    internal static BundleAnswer Of(BundleOutcome outcome) => new()
    {
        Statuses = [.. outcome.Results.Select(static result => (byte)result.Status)],
        Results = [.. outcome.Results.Select(static result => result.Data)],
        View = outcome.View.Number,
        Sequence = outcome.Sequence.Value,
        Replicas = outcome.Replicas.Bits,
        Path = (byte)outcome.Path,
    };

    internal static BundleAnswer Of(ArgumentException refusal) => new() { Failure = BundleFailure.NotAcceptable, Problem = refusal.Message };

    internal static BundleAnswer Of(PbftException failure)
    {
        var answer = new BundleAnswer { Problem = failure.Message, MayHaveExecuted = failure.MayHaveExecuted };
        return failure switch
        {
            PbftBusyException busy => answer with { Failure = BundleFailure.Busy, RetryAfter = busy.RetryAfter },
            PbftTimeoutException => answer with { Failure = BundleFailure.TimedOut },
            PbftSessionLostException lost => answer with { Failure = BundleFailure.SessionLost, Status = (byte)lost.Status },
            PbftResultDroppedException dropped => answer with { Failure = BundleFailure.ResultDropped, Sequence = dropped.Sequence.Value },
            PbftFaultyClusterException => answer with { Failure = BundleFailure.FaultyCluster },
            _ => answer with { Failure = BundleFailure.Unreachable },
        };
    }

    /// <summary>The outcome, as a client would have given it.</summary>
    /// <exception cref="PbftException">There is none.</exception>
    /// <exception cref="ArgumentException">The operations were not acceptable.</exception>
    internal BundleOutcome ToOutcome()
    {
        if (Failure != BundleFailure.None) throw ToException();
        var results = ImmutableArray.CreateBuilder<OperationResult>(Results.Length);
        for (var i = 0; i < Results.Length; i++) results.Add(new((OperationStatus)Statuses[i], Results[i]));
        return new(results.MoveToImmutable(), new(View), new(Sequence), new(Replicas)) { Path = (AnswerPath)Path };
    }

    private Exception ToException()
    {
        var problem = Problem ?? Failure.ToString();
        return Failure switch
        {
            BundleFailure.NotAcceptable => new ArgumentException(problem),
            BundleFailure.Busy => new PbftBusyException(problem, RetryAfter, MayHaveExecuted),
            BundleFailure.TimedOut => new PbftTimeoutException(problem, MayHaveExecuted),
            BundleFailure.SessionLost => new PbftSessionLostException(problem, (ReplyStatus)Status),
            BundleFailure.ResultDropped => new PbftResultDroppedException(new(Sequence)),
            BundleFailure.FaultyCluster => new PbftFaultyClusterException(problem),
            _ => new PbftConnectionException(problem, MayHaveExecuted),
        };
    }
}
