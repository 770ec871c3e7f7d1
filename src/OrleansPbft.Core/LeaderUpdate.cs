namespace OrleansPbft.Core;

/// <summary>What a replica tells its own leader: a snapshot, so that only the newest matters and losing one loses nothing.</summary>
/// <param name="View">The current view.</param>
/// <param name="IsPrimary">Whether this replica is its primary and the view is active: whether the leader leads.</param>
/// <param name="NextSequence">The first sequence number free to propose in this view, when it became active.</param>
/// <param name="LastExecuted">The last sequence number executed here.</param>
/// <param name="StableCheckpoint">h.</param>
/// <param name="LastTimestamp">The newest timestamp of any proposal in the log when the view became active.</param>
public sealed record LeaderUpdate(
    View View,
    bool IsPrimary,
    SequenceNumber NextSequence,
    SequenceNumber LastExecuted,
    SequenceNumber StableCheckpoint,
    Instant LastTimestamp);
