using System.Xml.Linq;
using OrleansPbft.ClientConsole.Tests.Support;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What a request costs, from the command line: numbers that are the formula's, a plot, and the page that keeps both.</summary>
public sealed class CostVerbTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-cost-");

    [Fact]
    public async Task Json_has_what_was_measured_beside_the_formula_and_is_the_same_every_time()
    {
        string[] arguments = ["cost", "--from", "4", "--to", "7", "--batch", "1,3", "--requests", "6", "--json"];
        var run = await ConsoleRun.OfAsync(arguments);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Equal(run.Output, (await ConsoleRun.OfAsync(arguments)).Output);
        Assert.True(run.Json.GetProperty("equal").GetBoolean());
        var points = run.Json.GetProperty("points").EnumerateArray().ToArray();
        Assert.Equal(8, points.Length);
        Assert.Equal(
            [("Signatures", 1, 4), ("Signatures", 1, 7), ("Signatures", 3, 4), ("Signatures", 3, 7), ("Macs", 1, 4), ("Macs", 1, 7), ("Macs", 3, 4), ("Macs", 3, 7)],
            points.Select(static point => (point.GetProperty("authentication").GetString()!, point.GetProperty("batch").GetInt32(), point.GetProperty("n").GetInt32())));
        Assert.All(points, static point =>
        {
            var (n, b) = (point.GetProperty("n").GetDouble(), point.GetProperty("batch").GetDouble());
            Assert.Equal(Math.Round((2 * n * (n - 1) / b) + n + 1, 4), point.GetProperty("perRequest").GetProperty("messages").GetDouble());
            Assert.Equal(point.GetProperty("formula").GetRawText(), point.GetProperty("perRequest").GetRawText());
            Assert.Equal(Math.Round(n * (n - 1) / (128 * b), 4), point.GetProperty("checkpointPerRequest").GetProperty("messages").GetDouble());
            Assert.Equal(b > 1 ? 6 : 5, point.GetProperty("latencyDelays").GetProperty("max").GetDouble());
            Assert.Empty(point.GetProperty("differences").EnumerateArray());
        });
    }

    [Fact]
    public async Task Text_has_a_row_for_each_cluster_and_of_one_size_every_kind()
    {
        var run = await ConsoleRun.OfAsync("cost", "--from", "4", "--to", "4", "--batch", "1", "--requests", "4", "--authentication", "Macs");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Matches(@"\n *4 +1 +1 +29 +29 +[\d,]+ +[\d,]+ +2 +2 +29 +29 +5 +5 +0\.094\n", run.Output);
        Assert.Matches(@"\n *Macs +1 +Prepare +9 +9 +", run.Output);
        Assert.Contains("measured is what the formula says, by kind and to the byte, in all 1 clusters", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mode Signatures", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plot_is_svg_with_a_dot_for_each_number_and_names_for_its_axes()
    {
        var path = Path.Combine(_directory.FullName, "cost.svg");
        var run = await ConsoleRun.OfAsync("cost", "--from", "4", "--to", "10", "--batch", "1,4", "--requests", "4", "--svg", path);
        var first = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await ConsoleRun.OfAsync("cost", "--from", "4", "--to", "10", "--batch", "1,4", "--requests", "4", "--seed", "9", "--svg", path);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Equal(first, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        var svg = XDocument.Parse(first).Root!;
        var texts = svg.Descendants(Svg + "text").Select(static text => text.Value).ToArray();
        Assert.All(
            (string[])["Messages for each request", "Bytes for each request", "Signatures made for each request", "MACs made for each request", "message delays",
                "4 requests in a batch"],
            text => Assert.Contains(text, texts));
        Assert.Equal(5, texts.Count(static text => text == "n, replicas"));

        // Three sizes, two batches: of one mode the messages and the delays, of both the bytes and the signatures; the MACs are dashed with squares.
        Assert.Equal((3 * 2 * 4) + 1, svg.Descendants(Svg + "circle").Count()); // and one in the key
        Assert.Equal((3 * 2 * 3) + 1, svg.Descendants(Svg + "rect").Count(static rect => (string?)rect.Attribute("class") != "paper"));
        Assert.Contains("prefers-color-scheme: dark", first, StringComparison.Ordinal);
        Assert.Contains($"plot: {path}\n", run.Output, StringComparison.Ordinal);
    }

    /// <summary>docs/cost.md was made by the command that it names: of its rows, those of 4 and 7 replicas are measured again.</summary>
    [Fact]
    public async Task The_page_about_cost_says_what_is_measured()
    {
        var run = await ConsoleRun.OfAsync("cost", "--from", "4", "--to", "7");
        var page = Rows(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "cost.md"), TestContext.Current.CancellationToken)).ToHashSet();

        var rows = Rows(run.Output).ToArray();
        Assert.Equal(2 * 3 * 2, rows.Length);
        Assert.All(rows, row => Assert.Contains(row, page));
        Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", "images", "cost.svg")));
    }

    [Theory]
    [InlineData("--from (7) must not be above --to (4)", "--from", "7", "--to", "4")]
    [InlineData("4 to 64 replicas, not 3", "--from", "3")]
    [InlineData("4 to 64 replicas, not 67", "--from", "64", "--to", "67")]
    [InlineData("'1,x' are no sizes", "--batch", "1,x")]
    [InlineData("1 to 256 requests here, not 0", "--batch", "0")]
    [InlineData("At most 6 sizes", "--batch", "1,2,3,4,5,6,7")]
    [InlineData("1 to 8192 requests can be measured, not 0", "--requests", "0")]
    public async Task What_can_not_be_measured_is_refused(string reason, params string[] arguments)
    {
        var run = await ConsoleRun.OfAsync(["cost", .. arguments]);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Lines of numbers, whatever is between the numbers.</summary>
    private static IEnumerable<string> Rows(string text) => text.Split('\n')
        .Select(static line => line.Split([' ', '|'], StringSplitOptions.RemoveEmptyEntries))
        .Where(static words => words.Length > 10 && words.All(static word => word.All(static c => char.IsDigit(c) || c is ',' or '.')))
        .Select(static words => string.Join(' ', words));
}
