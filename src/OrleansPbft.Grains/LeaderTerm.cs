using OrleansPbft.Core;

namespace OrleansPbft.Grains;

/// <summary>What a replica grain tells its own leader grain: a <see cref="LeaderUpdate"/> in the types that cross a grain call.</summary>
/// <param name="View">v.</param>
/// <param name="IsPrimary">Whether the replica is the primary of v, and v is active.</param>
/// <param name="NextSequence">The first sequence number free to propose when v became active.</param>
/// <param name="LastExecuted">The last sequence number executed.</param>
/// <param name="StableCheckpoint">h.</param>
/// <param name="LastTimestamp">The newest timestamp of a proposal in the log when v became active, in microseconds since 1970.</param>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.LeaderTerm")]
public sealed record LeaderTerm(
    [property: Id(0)] long View,
    [property: Id(1)] bool IsPrimary,
    [property: Id(2)] long NextSequence,
    [property: Id(3)] long LastExecuted,
    [property: Id(4)] long StableCheckpoint,
    [property: Id(5)] long LastTimestamp)
{
    internal static LeaderTerm Of(LeaderUpdate update) => new(
        update.View.Number,
        update.IsPrimary,
        update.NextSequence.Value,
        update.LastExecuted.Value,
        update.StableCheckpoint.Value,
        update.LastTimestamp.Microseconds);

    internal LeaderUpdate ToUpdate() => new(
        new(View), IsPrimary, new(NextSequence), new(LastExecuted), new(StableCheckpoint), new(LastTimestamp));
}
