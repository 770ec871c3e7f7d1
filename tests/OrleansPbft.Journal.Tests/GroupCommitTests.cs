using OrleansPbft.Core;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-1: one flush serves all who wait for it, and what comes meanwhile waits for the next.</summary>
public sealed class GroupCommitTests
{
    // One segment, so that none is made while a test counts flushes.
    private static readonly JournalOptions Threaded = Disk.Options(segmentBytes: 256 << 10, snapshotLogBytes: long.MaxValue) with { Inline = false };

    [Fact]
    public async Task One_flush_serves_all_who_asked_before_it_began()
    {
        var storage = new GatedStorage();
        var journal = Disk.Open(storage, Threaded).Journal;
        journal.Append(Make.Prepared(1));
        storage.Close();
        var first = Flush(journal);
        await storage.Begun();

        var later = new List<Task>();
        for (var n = 2; n <= 20; n++)
        {
            journal.Append(Make.Prepared(n));
            later.Add(Flush(journal));
        }

        Assert.False(first.IsCompleted || later.Any(static one => one.IsCompleted)); // nothing is confirmed before it is durable
        storage.AllowOne();
        await first;
        await storage.Begun();
        Assert.DoesNotContain(later, static one => one.IsCompleted);
        storage.AllowOne();
        await Task.WhenAll(later);

        Assert.Equal((20, 20, 2), (journal.Statistics.RecordsAppended, journal.Statistics.FlushesAsked, journal.Statistics.Flushes));
        storage.Open();
        await journal.DisposeAsync();
        Assert.Equal(20, Disk.Open(storage.Storage.AfterKill()).Records.Count());
    }

    [Fact]
    public async Task Who_appended_nothing_since_waits_for_the_flush_under_way_only()
    {
        var storage = new GatedStorage();
        var journal = Disk.Open(storage, Threaded).Journal;
        Assert.True(Flush(journal).IsCompletedSuccessfully); // there is nothing to flush
        journal.Append(Make.Prepared(1));
        storage.Close();
        var first = Flush(journal);
        await storage.Begun();

        var second = Flush(journal);
        storage.AllowOne();
        await Task.WhenAll(first, second);

        Assert.Equal(1, journal.Statistics.Flushes);
        storage.Open();
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task Who_stops_waiting_stops_nobody_else()
    {
        var storage = new GatedStorage();
        var journal = Disk.Open(storage, Threaded).Journal;
        journal.Append(Make.Prepared(1));
        storage.Close();
        using var source = new CancellationTokenSource();
        var impatient = journal.FlushAsync(source.Token).AsTask();
        var patient = Flush(journal);
        await storage.Begun();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        storage.Open();
        await patient;

        await journal.DisposeAsync();
    }

    /// <summary>A flush under way when the journal is opened again: it ends first, and what it confirmed is read.</summary>
    [Fact]
    public async Task A_flush_under_way_ends_before_the_next_opening_reads()
    {
        var storage = new GatedStorage();
        using var directory = JournalDirectory.Acquire(storage, Make.Cluster, new(0), Threaded);
        var journal = directory.Open().Journal;
        journal.Append(Make.Prepared(1));
        storage.Close();
        var flush = Flush(journal);
        await storage.Begun();
        journal.Append(Make.Prepared(2));
        var late = Flush(journal);

        var opening = Task.Run(directory.Open, TestContext.Current.CancellationToken);
        storage.Open();
        var recovered = await opening;

        await flush;
        var read = recovered.Records.Select(static one => one.Sequence.Value).ToArray();
        var refusal = await Record.ExceptionAsync(() => late);
        if (refusal is null) Assert.Equal([1, 2], read); // confirmed, so read
        else Assert.IsType<JournalFencedException>(refusal);
        Assert.Equal(1, read[0]);
        await recovered.Journal.DisposeAsync();
    }

    /// <summary>Two loops append and flush at once, as a replica's and its leader's do, over many segments and snapshots; all of it is there, each in its order.</summary>
    [Fact]
    public async Task Two_that_append_at_once_lose_nothing()
    {
        var storage = new GatedStorage();
        var options = Disk.Options(segmentBytes: 16 << 10, snapshotLogBytes: long.MaxValue) with { Inline = false };
        var journal = Disk.Open(storage, options).Journal;
        await Task.WhenAll(Task.Run(() => AppendAll(0), TestContext.Current.CancellationToken), Task.Run(() => AppendAll(1), TestContext.Current.CancellationToken));
        await journal.DisposeAsync();

        JournalRecord[] read = [.. Disk.Open(storage.Storage.AfterKill(), options).Records];

        for (var view = 0; view < 2; view++)
        {
            Assert.Equal(Enumerable.Range(1, 1000).Select(static n => (long)n), read.Where(r => r.View.Number == view).Select(static r => r.Sequence.Value));
        }

        Assert.True(journal.Statistics.Flushes < 2000);

        async Task AppendAll(long view)
        {
            for (var n = 1; n <= 1000; n++)
            {
                journal.Append(Make.Prepared(n, view));
                if (n % 3 == 0) await Flush(journal);
            }
        }
    }

    /// <summary>Snapshots on a thread of their own, beside the records.</summary>
    [Fact]
    public async Task Snapshots_are_written_beside_the_records()
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 200; i++) cluster.Submit(Make.Put(i, $"key {i % 50}", valueBytes: 300));
        var storage = new GatedStorage();
        var options = Disk.Options(segmentBytes: 16 << 10) with { Inline = false };
        var journal = Disk.Open(storage, options).Journal;
        foreach (var record in cluster.Records[0])
        {
            journal.Append(record);
            await Flush(journal);
        }

        await journal.DisposeAsync();

        Assert.True(journal.Statistics.SnapshotsWritten > 0);
        Assert.DoesNotContain("0000000001.segment", storage.List());
        var actual = TestMember.From(0, cluster.Options, Disk.Open(storage.Storage.AfterKill(), options).Records);
        Assert.Equal(TestMember.From(0, cluster.Options, cluster.Records[0]).Replica.Snapshot(), actual.Replica.Snapshot());
    }

    private static Task Flush(ReplicaJournal journal) => journal.FlushAsync(TestContext.Current.CancellationToken).AsTask();
}
