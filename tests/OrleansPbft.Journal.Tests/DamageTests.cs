using OrleansPbft.Journal.Inspection;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-2: a torn tail is cut, damage stops the replica and names file and offset, nothing is silently skipped.</summary>
public sealed class DamageTests
{
    private const string First = "0000000001.segment";
    private const string Second = "0000000002.segment";

    /// <summary>Where records begin, and what one without a message takes: its head, and view, sequence and digest.</summary>
    private const int HeadBytes = 4096;
    private const int RecordBytes = 40 + 48;

    /// <summary>Every bit of every byte of a journal with a snapshot: either it is found, or what is read is what was written.</summary>
    [Fact]
    public void A_flipped_bit_anywhere_is_found_or_harmless()
    {
        var storage = WithSnapshot(out var appended);
        var intact = Disk.Open(storage.Copy()).Records.Described().ToList();
        Assert.Contains("StableCheckpoint", intact[0], StringComparison.Ordinal);
        var (found, cut, harmless) = (0, 0, 0);
        foreach (var name in storage.List().Where(static name => name.EndsWith(".segment", StringComparison.Ordinal) || name.EndsWith(".snapshot", StringComparison.Ordinal)))
        {
            var bytes = storage.Contents(name);
            for (var at = 0; at < bytes.Length; at++)
            {
                if (at > 100 && at < 4090 && at % 50 != 0) continue; // the unused part of a head is all the same
                if (at > HeadBytes && IsBlank(bytes, at) && at % 50 != 0) continue; // and so is what was never used
                var copy = storage.Copy();
                copy.Damage(name, Flip(at, bit: at % 8));
                try
                {
                    var recovered = Disk.Open(copy);
                    var read = recovered.Records.Described().ToList();
                    Assert.Equal(intact, read); // all of it was durable, and the journal says so
                    if (recovered.Torn is null) harmless++;
                    else cut++;
                }
                catch (JournalDamagedException damage)
                {
                    Assert.Equal(Path.Combine(storage.Name, name), damage.File);
                    Assert.InRange(damage.Offset, 0, bytes.Length);
                    found++;
                }
            }
        }

        Assert.True(found > 3000, $"{found} found, {cut} cut, {harmless} harmless");
        Assert.InRange(cut, 1, 400); // the mark at the end, and the room behind it
        Assert.InRange(harmless, 0, 0);
        Assert.True(appended > 10);

        static bool IsBlank(byte[] bytes, int from) => !bytes.AsSpan(from).ContainsAnyExcept((byte)0);
    }

    /// <summary>Three records of one flush that never ended; the first is lost, the others survived.</summary>
    [Fact]
    public void What_was_never_confirmed_is_cut_off_even_where_later_records_survived()
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage).Journal;
        journal.Save(Make.Prepared(1));
        storage.CrashAt = storage.Operations + 1; // before the flush
        foreach (var n in new[] { 2, 3, 4 }) journal.Append(Make.Prepared(n));
        Assert.Throws<SimulatedCrashException>(journal.Flush);
        storage = storage.AfterKill();
        var bad = HeadBytes + RecordBytes + 40; // behind the first record and the mark that followed it
        storage.Damage(First, Flip(bad, bit: 3));

        var recovered = Disk.Open(storage);

        Assert.Equal([Make.Describe(Make.Prepared(1))], recovered.Records.Described());
        Assert.Equal(new TornTail(Path.Combine("disk", First), bad, Record: 2), recovered.Torn);

        // What is written in place of it is not mixed up with what survived: not now, and not at a later start.
        recovered.Journal.Save(Make.Prepared(5));
        Assert.Equal(new[] { Make.Prepared(1), Make.Prepared(5) }.Described(), Disk.Reread(ref storage).Described());
        Assert.Equal(JournalHealth.Sound, new JournalInspector(storage).Inspect().Health);
    }

    /// <summary>The same bytes, but the flush had ended and another had begun: that the record was durable is known.</summary>
    [Fact]
    public void What_was_confirmed_is_not_cut_off()
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage).Journal;
        journal.Save(Make.Prepared(1));
        journal.Save(Make.Prepared(2), Make.Prepared(3), Make.Prepared(4));
        var bad = HeadBytes + RecordBytes + 40;
        storage.Damage(First, Flip(bad + 50, bit: 3));

        var damage = Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill()));

        Assert.Equal((Path.Combine("disk", First), bad), (damage.File, damage.Offset));
        Assert.Contains($"disk{Path.DirectorySeparatorChar}{First} at byte {bad}", damage.Message, StringComparison.Ordinal);
        Assert.Contains("learns its state from the others", damage.Message, StringComparison.Ordinal); // what to do
    }

    /// <summary>The last record of all: nothing but the mark behind it says that it was confirmed.</summary>
    [Fact]
    public void The_last_record_that_was_confirmed_is_not_cut_off_either()
    {
        var storage = new SimulatedStorage();
        Disk.Open(storage).Journal.Save(Make.Prepared(1), Make.Prepared(2));
        storage.Damage(First, Flip(HeadBytes + RecordBytes + 60, bit: 0));

        Assert.Equal(HeadBytes + RecordBytes, Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill())).Offset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HeadBytes)]
    [InlineData(HeadBytes + 200)]
    [InlineData(8191)]
    public void A_file_that_became_shorter_is_damage(int length)
    {
        var storage = new SimulatedStorage();
        Disk.Open(storage).Journal.Save(Make.Prepared(1), Make.Prepared(2));
        storage.Damage(First, bytes => bytes[..length]);

        Assert.EndsWith(First, Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill())).File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    public void A_missing_segment_is_damage(string missing)
    {
        var storage = Segments(count: 4);
        storage.Delete(missing);

        var damage = Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill(), Disk.Options(snapshotLogBytes: long.MaxValue)));

        Assert.EndsWith(missing, damage.File, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_snapshot_is_damage()
    {
        var storage = WithSnapshot(out _);
        var snapshot = storage.List().Single(static name => name.EndsWith(".snapshot", StringComparison.Ordinal));
        storage.Delete(snapshot);

        Assert.EndsWith(snapshot, Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill())).File, StringComparison.Ordinal);
    }

    /// <summary>A record in an older segment, whatever follows in it: the next segment's head says that it was durable.</summary>
    [Fact]
    public void A_bad_record_before_the_last_segment_is_damage()
    {
        var storage = Segments(count: 3);
        storage.Damage(Second, static bytes => [.. bytes[..5000], .. new byte[bytes.Length - 5000]]);

        var damage = Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill(), Disk.Options(snapshotLogBytes: long.MaxValue)));

        Assert.EndsWith(Second, damage.File, StringComparison.Ordinal);
        Assert.InRange(damage.Offset, 4900, 5000);
    }

    /// <summary>A client that sends what looks like a record does not make a torn tail look like damage, nor get a record read.</summary>
    [Fact]
    public void Bytes_of_another_journal_inside_a_message_are_no_records()
    {
        var another = new SimulatedStorage();
        Disk.Open(another, Disk.Options(seed: 99)).Journal.Save(Make.Prepared(7), Make.Prepared(8));
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(segmentBytes: 64 << 10)).Journal;
        journal.Save(Make.Prepared(1));
        storage.CrashAt = storage.Operations + 1;
        journal.Append(Make.PrePrepared(Make.PrePrepare(2, Make.Request(1, 1, another.Contents(First)))));
        Assert.Throws<SimulatedCrashException>(journal.Flush);
        storage = storage.AfterKill();
        storage.Damage(First, Flip(HeadBytes + RecordBytes + 40 + 8, bit: 1));

        var recovered = Disk.Open(storage);

        Assert.Single(recovered.Records);
        Assert.Equal(2, recovered.Torn!.Record);
    }

    /// <summary>The record that names the snapshot says that older segments are not needed. Where it is damaged they seem to be missing, and yet are not what is wrong.</summary>
    [Fact]
    public void Damage_is_named_and_not_what_only_seems_to_be_missing_for_it()
    {
        var storage = WithSnapshot(out _, requests: 60);
        var segments = storage.List().Where(static name => name.EndsWith(".segment", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(First, segments);
        var found = 0;
        foreach (var name in segments)
        {
            for (var at = HeadBytes; at < HeadBytes + 1500; at += 3)
            {
                var copy = storage.Copy();
                copy.Damage(name, Flip(at, bit: at % 8));
                try
                {
                    Disk.Open(copy);
                }
                catch (JournalDamagedException damage)
                {
                    Assert.Equal(Path.Combine(storage.Name, name), damage.File);
                    found++;
                }
            }
        }

        Assert.True(found > 300, $"{found} found");
    }

    [Fact]
    public void A_journal_of_another_cluster_or_replica_is_refused()
    {
        var storage = new SimulatedStorage();
        Disk.Open(storage).Journal.Save(Make.Prepared(1));
        storage = storage.AfterKill();

        Assert.Contains("of r0, and this is r1", Assert.Throws<JournalMismatchException>(() => Disk.Open(storage, replica: 1)).Message, StringComparison.Ordinal);
        storage = storage.AfterKill();
        var refusal = Assert.Throws<JournalMismatchException>(() => JournalDirectory.Acquire(storage, new(43), new(0), Disk.Options()).Open());
        Assert.Contains("of cluster", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_version_of_the_format_is_refused()
    {
        var storage = new SimulatedStorage();
        Disk.Open(storage).Journal.Save(Make.Prepared(1));
        storage.Damage(First, static bytes =>
        {
            bytes[8] = 2;
            BitConverter.TryWriteBytes(bytes.AsSpan(4092), Format.Crc32C.Of(bytes.AsSpan(0, 4092)));
            return bytes;
        });

        Assert.Contains("version 2", Assert.Throws<JournalDamagedException>(() => Disk.Open(storage.AfterKill())).Message, StringComparison.Ordinal);
    }

    private static Func<byte[], byte[]> Flip(int at, int bit) => bytes =>
    {
        bytes[at] ^= (byte)(1 << bit);
        return bytes;
    };

    private static SimulatedStorage Segments(int count)
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(snapshotLogBytes: long.MaxValue)).Journal;
        for (var n = 1; storage.List().Count(static name => name.EndsWith(".segment", StringComparison.Ordinal)) < count; n++) journal.Save(Make.Prepared(n));
        return storage;
    }

    /// <summary>A snapshot, and records behind it.</summary>
    private static SimulatedStorage WithSnapshot(out int appended, int requests = 5)
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= requests; i++) cluster.Submit(Make.Put(i, $"key {i % 3}"));
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(inlineSnapshotBytes: 1 << 20)).Journal;
        foreach (var record in cluster.Records[0]) journal.Save(record);
        appended = cluster.Records[0].Count;
        return storage;
    }
}
