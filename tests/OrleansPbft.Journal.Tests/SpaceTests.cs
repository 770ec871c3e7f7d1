using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>A full disk silences a replica until there is room; a failed flush silences it for good.</summary>
public sealed class SpaceTests
{
    [Fact]
    public async Task Without_room_a_flush_says_so_and_with_room_it_goes_on()
    {
        var storage = new SimulatedStorage { BytesMax = (2 * (8 << 10)) + 10 };
        var journal = Disk.Open(storage, Disk.Options(snapshotLogBytes: long.MaxValue)).Journal;
        var saved = 0;
        var full = Assert.Throws<JournalOutOfSpaceException>(() =>
        {
            for (; saved < 1000; saved++) journal.Save(Make.Prepared(saved));
        });

        Assert.InRange(saved, 40, 200);
        Assert.Contains("its replica is silent until there is some", full.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((JournalState.OutOfSpace, full.Message), (journal.State, journal.Trouble));
        journal.Append(Make.Prepared(saved + 1)); // what the leader appends meanwhile waits as well
        Assert.Throws<JournalOutOfSpaceException>(journal.Flush);
        Assert.False(await journal.TryResume(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(storage.List(), static name => name.EndsWith(".new", StringComparison.Ordinal)); // nothing half-written stays
        var copy = storage.Copy();
        copy.BytesMax = long.MaxValue;
        Assert.Equal(saved, Disk.Open(copy).Records.Count());

        storage.BytesMax = long.MaxValue;
        Assert.True(await journal.TryResume(TestContext.Current.CancellationToken));

        Assert.Equal((JournalState.Healthy, (string?)null), (journal.State, journal.Trouble));
        journal.Save(Make.Prepared(saved + 2));
        Assert.Equal(Enumerable.Range(0, saved + 3).Select(static n => Make.Describe(Make.Prepared(n))), Disk.Reread(ref storage).Described());
    }

    /// <summary>Whatever room there is, at any byte: all that was confirmed is there, and once there is room, all that was appended.</summary>
    [Fact]
    public void A_disk_that_is_full_at_any_byte_loses_nothing()
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 20; i++) cluster.Submit(Make.Put(i, $"key {i % 6}", valueBytes: i * 97 % 900));
        var refused = 0;
        for (var bytes = 9_000L; bytes < 60_000; bytes += 777)
        {
            var storage = new SimulatedStorage { BytesMax = bytes };
            var journal = Disk.Open(storage).Journal;
            foreach (var record in cluster.Records[0])
            {
                journal.Append(record);
                try
                {
                    journal.Flush();
                }
                catch (JournalOutOfSpaceException)
                {
                    refused++;
                    storage.BytesMax += 5_000;
                }
            }

            storage.BytesMax = long.MaxValue;
            journal.Flush();
            var actual = TestMember.From(0, cluster.Options, Disk.Reread(ref storage));
            Assert.Equal(TestMember.From(0, cluster.Options, cluster.Records[0]).Replica.Snapshot(), actual.Replica.Snapshot());
        }

        Assert.True(refused > 50, $"{refused}");
    }

    [Fact]
    public void A_disk_without_room_to_begin_says_so()
    {
        var storage = new SimulatedStorage { BytesMax = 5_000 };

        Assert.Throws<JournalOutOfSpaceException>(() => Disk.Open(storage));

        storage.BytesMax = long.MaxValue;
        Disk.Open(storage.AfterKill()).Journal.Save(Make.Prepared(1));
    }

    /// <summary>The operating system drops what it could not write, and calls the second try a success: there is none.</summary>
    [Fact]
    public void After_a_failed_flush_nothing_is_ever_confirmed_again()
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage).Journal;
        journal.Save(Make.Prepared(1));
        storage.FailsFlushOf = static name => name.Length > 0;
        journal.Append(Make.Prepared(2));

        Assert.Throws<JournalFailedException>(journal.Flush);
        storage.FailsFlushOf = static _ => false;

        var flushes = storage.Flushed.Count;
        Assert.Throws<JournalFailedException>(journal.Flush);
        Assert.Contains("stopped voting", Assert.Throws<JournalFailedException>(() => journal.Append(Make.Prepared(3))).Message, StringComparison.Ordinal);
        Assert.Equal((JournalState.Failed, flushes), (journal.State, storage.Flushed.Count));
        Assert.Single(Disk.Open(storage.AfterCrash(new(1))).Records);
    }

    /// <summary>A snapshot that finds no room is tried again later; the votes go on.</summary>
    [Fact]
    public void A_snapshot_without_room_stops_no_vote()
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 30; i++) cluster.Submit(Make.Put(i, $"key {i}", valueBytes: 1000));
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(segmentBytes: 256 << 10)).Journal;
        storage.BytesMax = storage.BytesUsed + 2000;

        foreach (var record in cluster.Records[0]) journal.Save(record);

        Assert.Equal((JournalState.Healthy, 0), (journal.State, journal.Statistics.SnapshotsWritten));
        Assert.DoesNotContain(storage.List(), static name => name.Contains("snapshot", StringComparison.Ordinal));
        storage.BytesMax = long.MaxValue;
        for (var i = 31; i <= 40; i++) cluster.Submit(Make.Put(i, $"key {i}", valueBytes: 1000));
        foreach (var record in cluster.Records[0].Where(static one => one.Sequence.Value > 31)) journal.Save(record);
        for (var i = 0; i < 60; i++) journal.Save(Make.Prepared(41));
        Assert.True(journal.Statistics.SnapshotsWritten > 0);
    }

    /// <summary>A segment is durable before it has its name, and its name before a record is confirmed.</summary>
    [Fact]
    public void Contents_are_flushed_before_names_and_names_before_what_relies_on_them()
    {
        var storage = new SimulatedStorage();

        Disk.Open(storage).Journal.Save(Make.Prepared(1));

        Assert.Equal(["0000000001.segment.new", "", "0000000001.segment.new"], storage.Flushed); // a file goes on under the handle it was made with
    }
}
