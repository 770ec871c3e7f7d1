using OrleansPbft.Journal.Inspection;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>The same on a real file system.</summary>
public sealed class DirectoryStorageTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("pbft-journal-");

    private string Path => System.IO.Path.Combine(_temporary.FullName, "replica-0");

    public void Dispose() => _temporary.Delete(recursive: true);

    [Fact]
    public async Task What_was_flushed_is_there_again()
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 100; i++) cluster.Submit(Make.Put(i, $"key {i % 20}", valueBytes: 300));
        var options = new JournalOptions { SegmentBytes = 32 << 10, SnapshotLogBytesMin = 64 << 10 };
        var from = 0;
        for (var start = 1; start <= 3; start++)
        {
            using var directory = JournalDirectory.Acquire(Path, Make.Cluster, new(0), options);
            var recovered = directory.Open();
            Assert.Equal((start == 1, start), (recovered.IsNew, recovered.Journal.Epoch));
            var actual = TestMember.From(0, cluster.Options, recovered.Records);
            Assert.Equal(TestMember.From(0, cluster.Options, cluster.Records[0].Take(from)).Replica.Snapshot(), actual.Replica.Snapshot());

            var to = cluster.Records[0].Count * start / 3;
            for (; from < to; from++)
            {
                recovered.Journal.Append(cluster.Records[0][from]);
                if (from % 5 == 0) await recovered.Journal.FlushAsync(TestContext.Current.CancellationToken);
            }

            await recovered.Journal.DisposeAsync();
        }

        var report = new JournalInspector(Path).Inspect();
        Assert.Equal((JournalHealth.Sound, (string?)null, 3L), (report.Health, report.Problem, report.Epoch));
        Assert.NotNull(report.Snapshot);
        var others = Directory.EnumerateFiles(Path).Select(System.IO.Path.GetFileName).Where(static name => !name!.Contains('.', StringComparison.Ordinal));
        Assert.Equal(["lock", "owner"], others.Order());
        Assert.Empty(report.Leftovers);
    }

    [Fact]
    public void A_directory_in_use_is_refused_to_another()
    {
        using var first = JournalDirectory.Acquire(Path, Make.Cluster, new(0));

        var refusal = Assert.Throws<JournalInUseException>(() => JournalDirectory.Acquire(Path, Make.Cluster, new(0)));

        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", refusal.Holder, StringComparison.Ordinal);
        Assert.Contains(Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Others_can_not_look_into_it()
    {
        if (OperatingSystem.IsWindows()) return;
        JournalDirectory.Acquire(Path, Make.Cluster, new(0)).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void It_does_what_a_journal_relies_on()
    {
        var storage = new DirectoryStorage(Path);
        Assert.Empty(storage.List());
        using (var file = storage.Create("b"))
        {
            file.Write(0, [1, 2, 3]);
            file.Flush();
            file.Write(1, [7]); // within its length: only the data is flushed
            file.Flush();
            Assert.Equal(3, file.Length);
            storage.Rename("b", "a");
            storage.FlushDirectory();
            file.Write(3, [9]); // it goes on under its handle
            file.Flush();
        }

        using (var file = storage.Open("a", toFlush: true))
        {
            var bytes = new byte[9];
            Assert.Equal(4, file.Read(0, bytes));
            Assert.Equal([1, 7, 3, 9], bytes[..4]);
            file.Flush();
        }

        storage.Create("c").Dispose();
        Assert.Equal(["a", "c"], storage.List());
        storage.Delete("a");
        storage.Delete("a");
        Assert.Equal(["c"], storage.List());
        Assert.ThrowsAny<IOException>(() => storage.Open("a"));
        Assert.ThrowsAny<IOException>(() => new DirectoryStorage(System.IO.Path.Combine(Path, "none")).FlushDirectory());
    }

    /// <summary>A device that is always full, where there is one.</summary>
    [Fact]
    public void A_full_medium_is_told_from_a_broken_one()
    {
        if (!File.Exists("/dev/full")) return;
        using var file = new DirectoryStorage("/dev").Open("full", toFlush: true);

        Assert.Throws<StorageFullException>(() => file.Write(0, [1]));
    }
}
