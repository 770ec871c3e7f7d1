using System.Text.Json;
using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Core;
using OrleansPbft.Journal;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The JSON of every verb has the members that docs/console.md lists, and no others: programs depend on it.</summary>
public sealed class JsonFieldsTests(TestCluster cluster) : IClassFixture<TestCluster>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-fields-");

    [Theory]
    [InlineData("put", "put fields/a b")]
    [InlineData("put", "put fields/a c --if-version 7")]
    [InlineData("get", "get fields/none")]
    [InlineData("cas", "cas fields/b 0 x")]
    [InlineData("incr", "incr fields/n")]
    [InlineData("list", "list fields/nothing")]
    [InlineData("submit", "submit AQEAYQ==")]
    [InlineData("status", "status")]
    [InlineData("fault list", "fault list")]
    [InlineData("fault", "fault 3 heal")]
    [InlineData("events", "events")]
    [InlineData("phases", "phases --once")]
    [InlineData("bench", "bench --clients 2 --bundle 4 --operations 16 --warmup 0")]
    [InlineData("bench", "bench --clients 2 --bundle 4 --operations 16 --warmup 0 --reads 50")]
    [InlineData("simulate", "simulate --seeds 1..2 --byzantine 0 --ops 5")]
    [InlineData("simulate --seed", "simulate --seed 3 --byzantine 0 --ops 5")]
    [InlineData("cost", "cost --from 4 --to 4 --batch 2 --requests 4")]
    [InlineData("demo", "demo")]
    [InlineData("demo SCENARIO", "demo four-steps")]
    [InlineData("demo SCENARIO", "demo generals --generals 4 --seed 1")]
    [InlineData("completion", "completion zsh")]
    public async Task A_verb_answers_with_the_members_that_are_documented(string row, string line)
    {
        var run = await RunAsync(line.Split(' '));
        AssertDocumented(run.Json.TryGetProperty("error", out _) && !run.Json.TryGetProperty("asExpected", out _) ? "error" : row, run.Json);
    }

    [Fact]
    public async Task Entries_that_are_there_have_theirs()
    {
        await RunAsync("put", "fields/x", "y");
        await ConsoleRun.OfAsync(["put", "fields/z", "-", "--endpoint", cluster.Address], TextReader.Null, [0xFF]);

        AssertDocumented("get", (await RunAsync("get", "fields/x")).Json);
        AssertDocumented("get", (await RunAsync("get", "fields/z")).Json);
        AssertDocumented("list", (await RunAsync("list", "fields/")).Json);
        AssertDocumented("list", (await RunAsync("list", "fields/", "--limit", "1")).Json);
        AssertDocumented("trace", (await RunAsync("trace")).Json);
        AssertDocumented("trace list", (await RunAsync("trace", "list")).Json);
        AssertDocumented("phases", (await RunAsync("phases", "--once")).Json);
        AssertDocumented("delete", (await RunAsync("delete", "fields/x")).Json);
        AssertDocumented("error", (await RunAsync("delete", "fields/x")).Json);
        AssertDocumented("error", (await RunAsync("cas", "fields/z", "0", "x")).Json);
        AssertDocumented("error", (await RunAsync("frob")).Json);
        AssertDocumented("error", (await ConsoleRun.OfAsync("get", "a", "--endpoint", "http://127.0.0.1:9", "--json")).Json);
    }

    [Fact]
    public async Task What_happened_has_its_own()
    {
        await RunAsync("fault", "1", "slow");
        await RunAsync("fault", "1", "heal");

        AssertDocumented("events", (await RunAsync("events")).Json);
    }

    [Fact]
    public async Task The_files_of_a_federation_have_theirs()
    {
        var folder = Path.Combine(_directory.FullName, "cluster");
        AssertDocumented("keys init", (await RunAsync("keys", "init", "--out", folder)).Json);
        AssertDocumented("keys client", (await RunAsync("keys", "client", "--name", "bob", "--out", Path.Combine(_directory.FullName, "bob"))).Json);
        AssertDocumented("keys renew", (await RunAsync("keys", "renew", Path.Combine(folder, "replica-1"))).Json);
        AssertDocumented("keys show", (await RunAsync("keys", "show", folder)).Json);
        AssertDocumented("keys show", (await RunAsync("keys", "show", Path.Combine(folder, "replica-1"))).Json);
    }

    [Fact]
    public async Task A_journal_has_its_own()
    {
        var folder = Path.Combine(_directory.FullName, "replica-0");
        using (var directory = JournalDirectory.Acquire(folder, new ClusterId(42), new(0), new() { SegmentBytes = 8 << 10 }))
        {
            await using var journal = directory.Open().Journal;
            journal.Append(new(JournalRecordKind.Prepared, View.Initial, new(1), Digest.Of("a"u8), null));
            await journal.FlushAsync(TestContext.Current.CancellationToken);
        }

        AssertDocumented("journal inspect", (await RunAsync("journal", "inspect", folder)).Json);
        AssertDocumented("journal verify", (await RunAsync("journal", "verify", folder)).Json);
    }

    [Fact]
    public void Every_verb_is_in_the_table()
    {
        var root = ConsoleProgram.CreateRoot(new(new(TextWriter.Null), new(TextReader.Null, TextWriter.Null, TextWriter.Null)));
        var verbs = root.Subcommands.SelectMany(static verb => verb.Subcommands.Count == 0 ? [verb.Name] : verb.Subcommands.Select(sub => $"{verb.Name} {sub.Name}"));

        Assert.All(verbs, static verb => Assert.Contains(verb, JsonFields.Documented));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void AssertDocumented(string verb, JsonElement json) => Assert.Empty(JsonFields.Problems(verb, json));

    private Task<ConsoleRun> RunAsync(params string[] arguments) => ConsoleRun.OfAsync([.. arguments, "--endpoint", cluster.Address, "--json"]);
}
