using System.Globalization;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>docs/journal-format.md shows what is written, byte by byte, and what it shows is read as it says.</summary>
public sealed class FormatPageTests
{
    private static readonly string[] Page = File.ReadAllLines(FindPage());

    /// <summary>The worked example: a proposal of its own, prepared and committed; a view left; then a state.</summary>
    private static readonly Lazy<SimulatedStorage> Example = new(static () =>
    {
        var storage = new SimulatedStorage();
        var journal = Disk.Open(storage, Disk.Options(inlineSnapshotBytes: 1 << 20) with { DrawNonce = Counted(0x1122334455667788) }).Journal;
        var cluster = new TestCluster(replicas: 1, checkpointInterval: 1, logWindow: 4).Start();
        cluster.Submit(Make.Open());
        foreach (var record in cluster.Records[0]) journal.Append(record);
        journal.Flush();
        var own = new ViewChange(new(1), new(1), [new(new(1), cluster.Records[0][^1].Digest)], [], [], new(0));
        journal.Append(new(JournalRecordKind.ViewLeft, new(1), new(1), default, own));
        journal.Flush();
        return storage;
    });

    [Theory]
    [InlineData("0000000001.segment")]
    [InlineData("0000000000000000001.snapshot")]
    public void The_example_is_what_is_written(string name)
    {
        var written = Dump(Example.Value.Contents(name));

        Assert.True(written.SequenceEqual(Block(name)), $"{name} is\n{string.Join('\n', written)}");
    }

    [Fact]
    public void The_example_is_read_as_the_page_says()
    {
        var storage = new SimulatedStorage();
        storage.Create("0000000001.segment").Write(0, Parse(Block("0000000001.segment"), length: 8192));
        var snapshot = Block("0000000000000000001.snapshot");
        storage.Create("0000000000000000001.snapshot").Write(0, Parse(snapshot, Example.Value.Contents("0000000000000000001.snapshot").Length));

        var inspector = new Inspection.JournalInspector(storage);
        var report = inspector.Inspect();
        var lines = inspector.Records().Select(static one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Number} at {one.Offset}: {one.Kind} {one.View} {one.Sequence} d:{one.Digest} {one.Detail}").TrimEnd());

        Assert.Equal((Inspection.JournalHealth.Sound, null), (report.Health, report.Problem));
        Assert.True(lines.SequenceEqual(Block("records")), string.Join('\n', lines));
        Assert.Equal(
            [JournalRecordKind.StableCheckpoint, JournalRecordKind.ViewLeft], Disk.Open(storage).Records.Select(static one => one.Kind)); // the state covers the rest
    }

    [Fact]
    public void The_checksum_is_castagnolis()
    {
        Assert.Equal(0xE3069283, Format.Crc32C.Of("123456789"u8)); // the check value of the CRC catalogues
        Assert.Equal(0x8A9136AAu, Format.Crc32C.Of(new byte[32])); // RFC 3720, B.4
    }

    [Fact]
    public void Every_kind_of_record_is_on_the_page()
    {
        var page = string.Join('\n', Page);
        foreach (var kind in Enum.GetNames<JournalRecordKind>().Where(static name => name != nameof(JournalRecordKind.None)).Concat(["Snapshot", "Mark", "Chunk", "End"]))
        {
            Assert.Contains($"| {kind} |", page, StringComparison.Ordinal);
        }
    }

    private static Func<ulong> Counted(ulong first) => () => first++;

    /// <summary>Lines of 32 bytes, each with its offset; lines of zeroes are left out.</summary>
    private static List<string> Dump(byte[] bytes)
    {
        var lines = new List<string>();
        for (var at = 0; at < bytes.Length; at += 32)
        {
            var line = bytes.AsSpan(at, Math.Min(32, bytes.Length - at));
            if (line.ContainsAnyExcept((byte)0)) lines.Add($"{at:x4}: {Convert.ToHexStringLower(line)}");
        }

        return lines;
    }

    private static byte[] Parse(IEnumerable<string> lines, int length)
    {
        var bytes = new byte[length];
        foreach (var line in lines) Convert.FromHexString(line[6..]).CopyTo(bytes, int.Parse(line[..4], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return bytes;
    }

    private static List<string> Block(string name)
    {
        var from = Array.IndexOf(Page, $"```{name}");
        Assert.True(from >= 0, $"The page has no {name}.");
        return [.. Page.Skip(from + 1).TakeWhile(static line => line != "```")];
    }

    private static string FindPage()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "OrleansPbft.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return Path.Combine(directory.FullName, "docs", "journal-format.md");
    }
}
