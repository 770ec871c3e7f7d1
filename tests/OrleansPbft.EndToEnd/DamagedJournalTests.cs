using System.Text.Json;

namespace OrleansPbft.EndToEnd;

/// <summary>What a silo does with a journal that is not what it was (D-2), and with one that another has (D-4); and that the console says the same.</summary>
public sealed class DamagedJournalTests(DamagedJournalTests.Journals fixture) : IClassFixture<DamagedJournalTests.Journals>
{
    private const int Replica = 2;

    [Fact]
    public async Task A_sound_journal_is_taken_up()
    {
        using var journal = fixture.Copy();

        await ExpectStartAsync(journal);
        await ExpectVerifiedAsync(journal, 0, "sound");
    }

    [Fact]
    public async Task A_flipped_bit_in_the_middle_is_refused_with_file_and_offset()
    {
        using var journal = fixture.Copy();
        var record = (await journal.RecordsAsync()).First(static record => record.Kind == "PrePrepared");
        journal.Change(record.File, record.Offset + (record.Bytes / 2), static one => (byte)(one ^ 0x10));

        await ExpectRefusalAsync(journal, $"{record.File} at byte {record.Offset}:");
        await ExpectVerifiedAsync(journal, 1, $"{record.File} at byte {record.Offset}:");
    }

    /// <summary>What a crash leaves: the last record is not whole, and nothing says that it ever was durable.</summary>
    [Fact]
    public async Task A_torn_tail_is_cut_off_and_said()
    {
        using var journal = fixture.Copy();
        var records = await journal.RecordsAsync();
        var last = records.Last(static record => record.Kind != "Mark");
        Assert.Equal(last.File, records[^1].File);
        for (var at = last.Offset + (last.Bytes / 2); at < records[^1].Offset + records[^1].Bytes; at++) journal.Change(last.File, at, static _ => 0);

        await ExpectVerifiedAsync(journal, 0, "sound, but for what was not finished");
        await ExpectStartAsync(journal, "cut off what a crash left unfinished", $"{last.File} at byte {last.Offset}");
    }

    [Fact]
    public async Task A_file_that_was_cut_short_is_refused()
    {
        using var journal = fixture.Copy();
        var record = (await journal.RecordsAsync()).Last(static record => record.Kind == "Committed");
        journal.Shorten(record.File, record.Offset);

        await ExpectRefusalAsync(journal, record.File);
        await ExpectVerifiedAsync(journal, 1, record.File);
    }

    [Fact]
    public async Task A_missing_segment_is_refused_by_its_name()
    {
        using var journal = fixture.Copy();
        var segments = (await journal.RecordsAsync()).Select(static record => record.File).Distinct().ToArray();
        Assert.True(segments.Length >= 3, string.Join(' ', segments));
        journal.Remove(segments[1]);

        await ExpectRefusalAsync(journal, segments[1], "the file is missing");
        await ExpectVerifiedAsync(journal, 1, segments[1]);
    }

    /// <summary>Somebody starts the same silo twice: the second says who has the journal, and the first does not notice.</summary>
    [Fact]
    public async Task A_second_process_on_one_journal_is_refused_and_told_who_has_it()
    {
        using var journal = fixture.Copy();
        await using var first = Begin(journal);
        await first.LineAsync("Serving.");

        await using var second = Begin(journal);

        Assert.Equal(1, await second.ExitAsync());
        var line = Assert.Single(second.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"is in use by process {first.Id} on {Environment.MachineName}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Serving.", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anothers_journal_is_refused()
    {
        using var journal = fixture.Copy();
        await using var silo = fixture.Federation.BeginAnother(3, $"--Pbft:JournalDirectory={journal.RenameTo("replica-3")}");

        Assert.Equal(1, await silo.ExitAsync());
        Assert.Contains("is of r2, and this is r3", silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_can_not_be_made_is_told_in_one_line()
    {
        using var journal = fixture.Copy();
        var file = Path.Combine(journal.Folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await using var silo = fixture.Federation.BeginAnother(Replica, $"--Pbft:JournalDirectory={file}");

        Assert.Equal(1, await silo.ExitAsync());
        var line = Assert.Single(silo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"The journal's directory {file}", line, StringComparison.Ordinal);
        Assert.Contains("JournalDirectory", line, StringComparison.Ordinal);
    }

    /// <summary>What it said without its journal it would contradict when it starts from that again (D-3).</summary>
    [Fact]
    public async Task A_journal_is_not_passed_over()
    {
        using var journal = fixture.Copy();
        await using var silo = fixture.Federation.BeginAnother(Replica, $"--Pbft:JournalDirectory={journal.Folder}", "--Pbft:Durability=None");

        Assert.Equal(1, await silo.ExitAsync());
        Assert.Contains("Durability is None", Assert.Single(silo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private ProgramProcess Begin(JournalCopy journal) => fixture.Federation.BeginAnother(Replica, $"--Pbft:JournalDirectory={journal.Folder}");

    private async Task ExpectStartAsync(JournalCopy journal, params string[] said)
    {
        await using var silo = Begin(journal);
        await silo.LineAsync("Serving.");
        if (said.Length > 0) await silo.SaidAsync(said);
    }

    private async Task ExpectRefusalAsync(JournalCopy journal, params string[] said)
    {
        await using var silo = Begin(journal);
        Assert.Equal(1, await silo.ExitAsync());
        var line = Assert.Single(silo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(said, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.DoesNotContain("Serving.", silo.Output, StringComparison.Ordinal);
    }

    private static async Task ExpectVerifiedAsync(JournalCopy journal, int exitCode, string said)
    {
        var verified = await Federation.RunAsync("journal", "verify", journal.Path);
        Assert.Equal(exitCode, verified.ExitCode);
        Assert.Contains(said, verified.Output, StringComparison.Ordinal);
    }

    /// <summary>A federation that worked, and was killed, several times; nothing of it runs any more.</summary>
    public sealed class Journals : IAsyncLifetime
    {
        internal Federation Federation { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Federation = await Federation.CreateAsync(settings: Federation.Quick);
            for (var start = 0; start < 3; start++)
            {
                await Federation.StartAllAsync();
                await using (var load = Federation.BeginLoad(clients: 2))
                {
                    await load.GoesOnAsync();
                    await Federation.EndAsync(load);
                }

                await Federation.KillAllAsync();
            }
        }

        /// <summary>A copy of a replica's journal, for one test.</summary>
        internal JournalCopy Copy() => new(Federation.JournalOf(Replica));

        public ValueTask DisposeAsync() => Federation.DisposeAsync();
    }

    /// <summary>A journal to damage.</summary>
    internal sealed class JournalCopy : IDisposable
    {
        public JournalCopy(string source)
        {
            Path = System.IO.Path.Combine(Folder, $"replica-{Replica}");
            Directory.CreateDirectory(Path);
            foreach (var file in Directory.GetFiles(source)) File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }

        /// <summary>As <c>JournalDirectory</c> names it.</summary>
        public string Folder { get; } = Directory.CreateTempSubdirectory("orleanspbft-journal-").FullName;

        /// <summary>The replica's own folder in it.</summary>
        public string Path { get; }

        /// <summary>All records, as the console shows them.</summary>
        public async Task<(string File, long Offset, long Bytes, string Kind)[]> RecordsAsync()
        {
            var (exitCode, output) = await Federation.RunAsync("journal", "inspect", Path, "--limit", "1000000", "--json");
            Assert.True(exitCode == 0, output);
            return [.. JsonDocument.Parse(output).RootElement.GetProperty("shown").EnumerateArray().Select(static record => (
                record.GetProperty("file").GetString()!,
                record.GetProperty("offset").GetInt64(),
                record.GetProperty("bytes").GetInt64(),
                record.GetProperty("kind").GetString()!))];
        }

        public void Change(string file, long offset, Func<byte, byte> change)
        {
            using var stream = new FileStream(System.IO.Path.Combine(Path, file), FileMode.Open, FileAccess.ReadWrite);
            stream.Position = offset;
            var value = (byte)stream.ReadByte();
            stream.Position = offset;
            stream.WriteByte(change(value));
        }

        public void Shorten(string file, long bytes)
        {
            using var stream = new FileStream(System.IO.Path.Combine(Path, file), FileMode.Open, FileAccess.Write);
            stream.SetLength(bytes);
        }

        public void Remove(string file) => File.Delete(System.IO.Path.Combine(Path, file));

        /// <summary>Has it look like another replica's. Returns what <c>JournalDirectory</c> must say.</summary>
        public string RenameTo(string name)
        {
            Directory.Move(Path, System.IO.Path.Combine(Folder, name));
            return Folder;
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
