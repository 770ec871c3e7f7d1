using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Tests.Durable;

/// <summary>A crash test that can not fail proves nothing: journals that break a rule of theirs are found out, each by the same points that a sound one passes.</summary>
public sealed class SabotageTests(ITestOutputHelper output)
{
    private static readonly string[] VoteProperties = ["Double vote", "Vote account", "Agreement", "Accusation"];

    /// <summary>Rule D-1: what is said to be durable before it is flushed is not there after the crash.</summary>
    [Fact]
    public void A_segment_that_is_not_flushed_is_found_out() =>
        RequireFound(new() { Medium = static medium => new SkippingStorage(medium, "segment", flushesKept: 1) }, CrashOutcome.Lost); // its head is flushed

    /// <summary>The same one level above: every other flush is only promised.</summary>
    [Fact]
    public void An_appender_that_says_durable_before_the_flush_is_found_out() =>
        RequireFound(new() { Journal = static journal => new HastyJournal(journal) }, CrashOutcome.Killed);

    /// <summary>LESSONS B44: a new segment's name is lost, and with it what was said since.</summary>
    [Fact]
    public void A_directory_that_is_not_flushed_is_found_out() =>
        RequireFound(new() { Medium = static medium => new SkippingStorage(medium, skipsNames: true) }, CrashOutcome.Lost);

    [Fact]
    public void A_recovery_that_forgets_the_last_record_is_found_out() => RequireFound(new() { Recovery = static records => records.SkipLast(1) }, CrashOutcome.Killed);

    /// <summary>P is lost: what prepared, and may have committed elsewhere, is not named by the next VIEW-CHANGE.</summary>
    [Fact]
    public void A_recovery_that_forgets_what_prepared_is_found_out() =>
        RequireFound(new() { Recovery = static records => records.Where(static one => one.Kind != JournalRecordKind.Prepared) }, CrashOutcome.Killed);

    /// <summary>A record names a snapshot that is not all there: the segments before it are gone, so nothing leads to its state.</summary>
    [Fact]
    public void A_snapshot_that_is_named_before_it_is_flushed_is_found_out() => RequireFound(
        new() { Medium = static medium => new SkippingStorage(medium, "snapshot") }, CrashOutcome.Lost, nameof(JournalDamagedException));

    private void RequireFound(DiskConditions sabotaged, CrashOutcome outcome, params string[] properties)
    {
        if (properties.Length == 0) properties = VoteProperties;
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var runs = 0;
        for (var operation = 20L; operation < 200 && found.Values.Sum() < 3; operation++)
        {
            runs++;
            try
            {
                SimulationRun.Execute(CrashScenario.WithCrash((int)(operation % 4), ReplicaSet.FirstN(4), operation, isAfter: true, outcome, sabotaged));
            }
            catch (SimulationFailedException failure)
            {
                found[failure.Property] = found.GetValueOrDefault(failure.Property) + 1;
            }
        }

        output.WriteLine($"{runs} runs: {string.Join(", ", found)}");
        Assert.Contains(found.Keys, properties.Contains);
    }

    /// <summary>A medium that skips some of what it is asked for.</summary>
    private sealed class SkippingStorage(IJournalStorage medium, string? kind = null, int flushesKept = 0, bool skipsNames = false) : IJournalStorage
    {
        public string Name => medium.Name;

        public IReadOnlyList<string> List() => medium.List();

        public IJournalFile Create(string name) => Of(name, medium.Create(name));

        public IJournalFile Open(string name, bool toFlush) => Of(name, medium.Open(name, toFlush));

        public void Rename(string from, string to) => medium.Rename(from, to);

        public void Delete(string name) => medium.Delete(name);

        public void FlushDirectory()
        {
            if (!skipsNames) medium.FlushDirectory();
        }

        public IDisposable? TryLock(string name) => medium.TryLock(name);

        private IJournalFile Of(string name, IJournalFile file) => kind is not null && name.Contains(kind, StringComparison.Ordinal) ? new SkippingFile(file, flushesKept) : file;
    }

    private sealed class SkippingFile(IJournalFile file, int flushesKept) : IJournalFile
    {
        private int _flushes;

        public long Length => file.Length;

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

        public void Flush()
        {
            if (_flushes++ < flushesKept) file.Flush();
        }

        public void Dispose() => file.Dispose();
    }

    /// <summary>Makes durable only each second time, what was appended until then.</summary>
    private sealed class HastyJournal(IReplicaJournal journal) : IReplicaJournal
    {
        private int _asked;

        public void Append(in JournalRecord record) => journal.Append(record);

        public ValueTask FlushAsync(CancellationToken cancellationToken) => ++_asked % 2 == 0 ? journal.FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }
}
