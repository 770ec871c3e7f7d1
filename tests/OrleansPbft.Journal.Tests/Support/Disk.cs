using OrleansPbft.Core;
using OrleansPbft.Faults;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>Journals on simulated disks: flushed by the caller, with seeded nonces, in small segments.</summary>
internal static class Disk
{
    public static JournalOptions Options(int segmentBytes = 8 << 10, long snapshotLogBytes = 0, ulong seed = 1, int inlineSnapshotBytes = 1024)
    {
        var random = new Prng(seed);
        return new()
        {
            SegmentBytes = segmentBytes,
            SnapshotLogBytesMin = snapshotLogBytes,
            Inline = true,
            InlineSnapshotBytes = inlineSnapshotBytes,
            DrawNonce = random.Next,
            Owner = "a test",
        };
    }

    public static RecoveredJournal Open(IJournalStorage storage, JournalOptions? options = null, int replica = 0) =>
        JournalDirectory.Acquire(storage, Make.Cluster, new(replica), options ?? Options()).Open();

    /// <summary>What is in a journal, opened after its process was killed.</summary>
    public static List<JournalRecord> Reread(ref SimulatedStorage storage, JournalOptions? options = null, int replica = 0)
    {
        storage = storage.AfterKill();
        return [.. Open(storage, options, replica).Records];
    }

    public static void Flush(this ReplicaJournal journal)
    {
        var flush = journal.FlushAsync(CancellationToken.None).AsTask();
        Assert.True(flush.IsCompleted);
        flush.GetAwaiter().GetResult();
    }

    public static void Save(this ReplicaJournal journal, params ReadOnlySpan<JournalRecord> records)
    {
        foreach (ref readonly var record in records) journal.Append(record);
        journal.Flush();
    }

    public static IEnumerable<string> Described(this IEnumerable<JournalRecord> records) => records.Select(static one => Make.Describe(one));
}
