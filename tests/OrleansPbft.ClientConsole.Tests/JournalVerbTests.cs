using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Core;
using OrleansPbft.Journal;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>A journal from the command line: what is in it, and whether it is sound (D-2).</summary>
public sealed class JournalVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-console-");

    private string Folder => Path.Combine(_directory.FullName, "replica-0");

    [Fact]
    public async Task Inspect_shows_records_and_health()
    {
        await WriteAsync(records: 5);

        var run = await ConsoleRun.OfAsync("journal", "inspect", Folder, "--limit", "2");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Contains("Prepared v0 n1", run.Output, StringComparison.Ordinal);
        Assert.Contains("... there are more: --from 2", run.Output, StringComparison.Ordinal);
        Assert.Contains("r0 of cluster 0000000000000000000000000000002a, epoch 1", run.Output, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId} on", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nsound\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_answers_programs_too()
    {
        await WriteAsync(records: 5);

        var json = (await ConsoleRun.OfAsync("journal", "inspect", Folder, "--kind", "prepared", "--from", "2", "--json")).Json;

        Assert.Equal("Sound", json.GetProperty("health").GetString());
        Assert.Equal([2, 3, 4], json.GetProperty("shown").EnumerateArray().Select(static one => one.GetProperty("number").GetInt64()));
        Assert.Equal("0000000001.segment", json.GetProperty("segments")[0].GetProperty("file").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Verify_ends_with_one_where_it_is_damaged()
    {
        await WriteAsync(records: 5);
        Assert.Equal(ExitCode.Done, (await ConsoleRun.OfAsync("journal", "verify", Folder)).ExitCode);
        var file = Path.Combine(Folder, "0000000001.segment");
        await using (var segment = File.OpenWrite(file))
        {
            segment.Position = 4096 + 100;
            segment.WriteByte(0xFF);
        }

        var run = await ConsoleRun.OfAsync("journal", "verify", Folder);
        var json = (await ConsoleRun.OfAsync("journal", "verify", Folder, "--json")).Json;

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains($"DAMAGED: The journal is damaged in {file} at byte {4096 + 88}", run.Errors, StringComparison.Ordinal);
        Assert.Equal("Damaged", json.GetProperty("health").GetString());
    }

    [Fact]
    public async Task A_folder_without_a_journal_is_named()
    {
        await WriteAsync(records: 1);

        var above = await ConsoleRun.OfAsync("journal", "verify", _directory.FullName);
        var nowhere = await ConsoleRun.OfAsync("journal", "inspect", Path.Combine(_directory.FullName, "nowhere"));

        Assert.Equal((ExitCode.Failure, ExitCode.Failure), (above.ExitCode, nowhere.ExitCode));
        Assert.Contains("replica-0", above.Errors, StringComparison.Ordinal);
        Assert.Contains("There is no journal", nowhere.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task WriteAsync(int records)
    {
        using var directory = JournalDirectory.Acquire(Folder, new ClusterId(42), new(0), new() { SegmentBytes = 8 << 10 });
        var journal = directory.Open().Journal;
        for (var n = 1; n <= records; n++) journal.Append(new(JournalRecordKind.Prepared, View.Initial, new(n), Digest.Of([(byte)n]), null));
        await journal.FlushAsync(TestContext.Current.CancellationToken);
        await journal.DisposeAsync();
    }
}
