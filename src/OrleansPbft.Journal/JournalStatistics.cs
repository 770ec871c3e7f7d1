namespace OrleansPbft.Journal;

/// <summary>What a journal has done since it was opened.</summary>
/// <param name="RecordsAppended">Records that its replica and leader appended.</param>
/// <param name="BytesAppended">Bytes of those with their heads.</param>
/// <param name="FlushesAsked">How often one waited for a flush; those that found everything durable are not counted.</param>
/// <param name="Flushes">How many flushes of the medium served them: fewer, as one serves all who wait (rule D-1).</param>
/// <param name="SnapshotsWritten">Snapshots that became durable.</param>
public readonly record struct JournalStatistics(long RecordsAppended, long BytesAppended, long FlushesAsked, long Flushes, long SnapshotsWritten);
