using OrleansPbft.Core;
using OrleansPbft.Faults;
using OrleansPbft.Journal.Inspection;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rules D-1, D-2: what was flushed is there again, in order, and nothing else is.</summary>
public sealed class ReplicaJournalTests
{
    [Fact]
    public void An_empty_directory_is_a_new_journal()
    {
        var recovered = Disk.Open(new SimulatedStorage());

        Assert.True(recovered.IsNew);
        Assert.Null(recovered.Torn);
        Assert.Empty(recovered.Records);
        Assert.Equal((1, JournalState.Healthy), (recovered.Journal.Epoch, recovered.Journal.State));
    }

    [Fact]
    public void A_journal_in_which_the_replica_never_wrote_is_still_new()
    {
        var storage = new SimulatedStorage();
        for (var start = 1; start <= 3; start++)
        {
            var recovered = Disk.Open(storage);
            Assert.Equal((true, start), (recovered.IsNew, recovered.Journal.Epoch)); // a learner that crashed is no less a learner
            Assert.Single(storage.List(), static name => name.EndsWith(".segment", StringComparison.Ordinal)); // and starting costs no room
            storage = storage.AfterKill();
        }

        Disk.Open(storage).Journal.Save(Make.Prepared(1));
        Assert.False(Disk.Open(storage.AfterKill()).IsNew);
    }

    /// <summary>Every kind of record, with what it carries, sealed and not, through several view changes.</summary>
    [Fact]
    public void Every_record_is_read_as_it_was_appended()
    {
        var cluster = ClusterRuns.ThroughViewChanges();
        foreach (var kind in Enum.GetValues<JournalRecordKind>())
        {
            if (kind != JournalRecordKind.None) Assert.Contains(cluster.Records.SelectMany(static one => one), one => one.Kind == kind);
        }

        for (var i = 0; i < cluster.Members.Length; i++)
        {
            var storage = new SimulatedStorage();
            var journal = Disk.Open(storage, Disk.Options(snapshotLogBytes: long.MaxValue), i).Journal;
            foreach (var record in cluster.Records[i]) journal.Append(WithoutState(record));
            journal.Flush();

            var read = Disk.Reread(ref storage, Disk.Options(snapshotLogBytes: long.MaxValue), i);

            Assert.Equal(cluster.Records[i].Select(WithoutState).Described(), read.Described());
        }

        static JournalRecord WithoutState(JournalRecord record) => record.Kind == JournalRecordKind.StableCheckpoint ? record with { Subject = null } : record;
    }

    [Fact]
    public void Records_larger_than_a_segment_get_one_of_their_own()
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage).Journal;
        JournalRecord[] records = [Make.Prepared(1), Make.PrePrepared(Make.PrePrepare(2, Make.Put(1, "large", 100_000))), Make.Prepared(2)];

        journal.Save(records);
        journal.Save(Make.Prepared(3));

        Assert.Equal([.. records.Described(), Make.Describe(Make.Prepared(3))], Disk.Reread(ref storage).Described());
    }

    /// <summary>Views change while nothing is ordered, for days: the segments of before go, and with them the records of how the view was reached.</summary>
    [Fact]
    public void In_which_view_the_replica_is_does_not_depend_on_which_segments_are_left()
    {
        var solo = new TestCluster(replicas: 1).Start();
        solo.Submit(Make.Open());
        for (var i = 1; i < 4; i++) solo.Submit(Make.Put(i, "key"));
        var entered = ClusterRuns.ThroughViewChanges().Records[2].Last(static one => one.Kind == JournalRecordKind.ViewEntered);
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(inlineSnapshotBytes: 1)).Journal;
        Assert.Equal(JournalRecordKind.StableCheckpoint, solo.Records[0][^1].Kind);
        var left = Enumerable.Range(3, 300).Select(static v => new JournalRecord(
            JournalRecordKind.ViewLeft, new(v), new(4), default, new ViewChange(new(v), new(4), [new(new(4), Digest.Zero)], [], [], new(0)))).ToList();

        journal.Save([.. solo.Records[0], entered, .. left.Take(200)]); // over several segments, before the state is written
        foreach (var one in left.Skip(200)) journal.Save(one);

        Assert.DoesNotContain("0000000001.segment", storage.List());
        Assert.Equal(["ViewEntered", "ViewLeft"], new JournalInspector(storage).Records().TakeWhile(static one => one.IsRepeated).Select(static one => one.Kind));
        JournalRecord[] read = [.. Disk.Reread(ref storage).Skip(1)]; // behind the state
        Assert.Equal(Make.Describe(entered), Make.Describe(read[0]));
        Assert.InRange(read.Length, 2, 290);
        Assert.Equal(left.TakeLast(read.Length - 1).Described(), read.Skip(1).Described());
    }

    /// <summary>D-5: the last of what is known of lives is found again, whatever segments are gone.</summary>
    [Fact]
    public void Which_lives_are_known_does_not_depend_on_which_segments_are_left()
    {
        var solo = new TestCluster(replicas: 1).Start();
        solo.Submit(Make.Open());
        for (var i = 1; i < 4; i++) solo.Submit(Make.Put(i, "key"));
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(inlineSnapshotBytes: 1)).Journal;
        journal.Save(Lives(new(7, LifeStage.Learner, [0])), Lives(new(7, LifeStage.Original, [9])));
        var left = Enumerable.Range(3, 300).Select(static v => new JournalRecord(
            JournalRecordKind.ViewLeft, new(v), new(4), default, new ViewChange(new(v), new(4), [new(new(4), Digest.Zero)], [], [], new(0)))).ToList();

        journal.Save([.. solo.Records[0], .. left.Take(200)]);
        foreach (var one in left.Skip(200)) journal.Save(one);

        Assert.DoesNotContain("0000000001.segment", storage.List());
        var repeated = new JournalInspector(storage).Records().TakeWhile(static one => one.IsRepeated).ToArray();
        Assert.Equal(["Lives", "ViewLeft"], repeated.Select(static one => one.Kind));
        Assert.Equal("life 7, Original, 1 others known", repeated[0].Detail);
        var read = Assert.Single(Disk.Reread(ref storage), static one => one.Kind == JournalRecordKind.Lives);
        Assert.Equal((7, LifeStage.Original, 9), (((ReplicaLives)read.Subject!).Own, ((ReplicaLives)read.Subject).Stage, ((ReplicaLives)read.Subject).Known[0]));

        static JournalRecord Lives(ReplicaLives lives) => new(JournalRecordKind.Lives, View.Initial, SequenceNumber.Zero, Digest.Zero, lives);
    }

    [Fact]
    public void What_was_not_flushed_is_lost_with_the_power_and_what_was_is_not()
    {
        var lost = 0;
        for (var seed = 0UL; seed < 50; seed++)
        {
            var storage = new SimulatedStorage();
            var journal = Disk.Open(storage).Journal;
            journal.Save(Make.Prepared(1), Make.Prepared(2));
            journal.Append(Make.Prepared(3)); // in memory

            var after = Disk.Open(storage.AfterCrash(new(seed))).Records.Described().ToList();

            Assert.Equal(new[] { Make.Prepared(1), Make.Prepared(2) }.Described(), after);
            lost++;
        }

        Assert.Equal(50, lost);
    }

    /// <summary>What a killed process had written and not flushed is seen by the next, which relies on it: so it is flushed before.</summary>
    [Fact]
    public void What_was_read_at_an_opening_survives_the_loss_of_power_after_it()
    {
        var seen = 0;
        for (var crashAt = 0; crashAt < 40; crashAt++)
        {
            var storage = new SimulatedStorage { CrashAt = crashAt };
            try
            {
                var journal = Disk.Open(storage).Journal;
                for (var n = 1; n < 20; n++) journal.Save(Make.Prepared(n));
            }
            catch (SimulatedCrashException)
            {
                // Of the process only: the machine stays up.
            }

            storage = storage.AfterKill();
            var read = Disk.Open(storage).Records.Described().ToList();
            var again = Disk.Open(storage.AfterCrash(new((ulong)crashAt))).Records.Described().ToList();

            Assert.Equal(read, again);
            seen += read.Count;
        }

        Assert.True(seen > 100);
    }

    [Fact]
    public async Task Nothing_is_appended_to_a_journal_that_is_closed()
    {
        var journal = Disk.Open(new SimulatedStorage()).Journal;
        await journal.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => journal.Append(Make.Prepared(1)));
        Assert.Throws<ArgumentException>(() => journal.Append(default));
        Assert.Equal(JournalState.Closed, journal.State);
    }

    [Fact]
    public async Task Closing_flushes_what_was_appended()
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage).Journal;
        journal.Append(Make.Prepared(1));

        await journal.DisposeAsync();

        Assert.Single(Disk.Open(storage.AfterCrash(new Prng(5))).Records);
    }

    [Fact]
    public void Options_that_can_not_be_are_refused()
    {
        var segments = Assert.Throws<ArgumentException>(static () => Disk.Open(new SimulatedStorage(), Disk.Options(segmentBytes: 5000)));
        Assert.Contains("SegmentBytes (5000)", segments.Message, StringComparison.Ordinal);
        var snapshots = Assert.Throws<ArgumentException>(static () => Disk.Open(new SimulatedStorage(), Disk.Options(snapshotLogBytes: -1)));
        Assert.Contains("SnapshotLogBytesMin (-1)", snapshots.Message, StringComparison.Ordinal);
    }
}
