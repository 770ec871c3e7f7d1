using System.Globalization;
using System.Xml.Linq;

namespace OrleansPbft.Dashboard.Tests;

/// <summary>The message sequence diagram of a request that was just sent, against figure 1 of the paper.</summary>
public sealed class SequenceTests(SiloFixture fixture, BrowserFixture browser) : IClassFixture<SiloFixture>
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task A_request_costs_four_replicas_what_the_paper_draws()
    {
        await using var page = await OpenWithRequestAsync("figure", "one");

        foreach (var (kind, count) in DashboardPage.MessagesOf(4)) await Expect(page.Arrows(kind)).ToHaveCountAsync(count);
        await Expect(page.Diagram.Locator("text.lane-name")).ToHaveTextAsync(["client", "0 primary", "replica 1", "replica 2", "replica 3"]);
        await Expect(page.Diagram.Locator("text.band-name")).ToHaveTextAsync(["request", "pre-prepare", "prepare", "commit", "reply"]);
        Assert.Equal(4, await page.Diagram.Locator(".dot.executed").CountAsync());
        Assert.True(await page.Page.Locator("#diagram svg.waterfall .bar").CountAsync() >= 4 * 3);
    }

    [Fact]
    public async Task Every_arrow_points_forward_in_time_and_none_leaves_before_what_it_answers()
    {
        await using var page = await OpenWithRequestAsync("forward", "only");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Even phases" }).ClickAsync(); // the other of the two time axes

        var arrows = await page.Diagram.Locator("path.arrow").EvaluateAllAsync<string[]>("arrows => arrows.map(arrow => arrow.getAttribute('d'))");
        var commits = await FirstPlaceAsync(page, "commit");
        var prepares = await FirstPlaceAsync(page, "prepare");
        var proposals = await FirstPlaceAsync(page, "pre-prepare");

        Assert.All(arrows, static path =>
        {
            var numbers = path[1..].Split(['M', 'L', ' '], StringSplitOptions.RemoveEmptyEntries);
            Assert.True(double.Parse(numbers[2], CultureInfo.InvariantCulture) > double.Parse(numbers[0], CultureInfo.InvariantCulture), path);
        });
        Assert.True(proposals <= prepares && prepares <= commits, $"{proposals}, {prepares}, {commits}");
    }

    [Fact]
    public async Task Arrow_keys_step_through_it_from_the_request_to_the_last_reply()
    {
        await using var page = await OpenWithRequestAsync("step", "by step");
        await page.Page.Locator("#diagram").FocusAsync();

        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Page.Locator("#step-number")).ToContainTextAsync("step 1 of ");
        await Expect(page.Caption).ToContainTextAsync("REQUEST from the client to replica 0");
        await Expect(page.Diagram.Locator(".message[data-step=now]")).ToHaveCountAsync(1);

        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Caption).ToContainTextAsync("PRE-PREPARE from replica 0 to replica 1, replica 2 and replica 3");
        await Expect(page.Diagram.Locator(".message[data-step=now]")).ToHaveCountAsync(3);
        await Expect(page.Diagram.Locator(".message[data-step=past]")).ToHaveCountAsync(1);
        await Expect(page.Page.Locator("#explanation")).ToContainTextAsync("place in the order");

        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Caption).ToContainTextAsync("REQUEST");
        await page.Page.Keyboard.PressAsync("End");
        await Expect(page.Diagram.Locator(".message[data-step]")).ToHaveCountAsync(0);
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Caption).ToContainTextAsync("REPLY from replica");
    }

    [Fact]
    public async Task It_is_zoomed_and_the_names_of_the_replicas_stay_in_view()
    {
        await using var page = await OpenWithRequestAsync("look", "closer");
        var scroller = page.Page.Locator("#diagram");
        await scroller.FocusAsync();

        await page.Page.Keyboard.PressAsync("+");
        await page.Page.Keyboard.PressAsync("+");
        await Expect(page.Page.Locator("#zoom-level")).ToHaveTextAsync("4×");
        await scroller.EvaluateAsync("diagram => { diagram.scrollLeft = diagram.scrollWidth; }");

        await Expect(page.Diagram.Locator("g.names")).ToHaveAttributeAsync("transform", new System.Text.RegularExpressions.Regex("translate"));
        var name = (await page.Diagram.Locator("text.lane-name").First.BoundingBoxAsync())!;
        var frame = (await scroller.BoundingBoxAsync())!;
        Assert.InRange(name.X, frame.X, frame.X + 100);
        await page.Page.Keyboard.PressAsync("0");
        await Expect(page.Page.Locator("#zoom-level")).ToHaveTextAsync("1×");
    }

    [Fact]
    public async Task Its_file_is_an_svg_that_needs_nothing_beside_itself()
    {
        await using var page = await OpenWithRequestAsync("keep", "it");

        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.Page.GetByRole(AriaRole.Button, new() { Name = "Export SVG" }).ClickAsync());

        Assert.Equal($"pbft-n{await page.AnsweredSequenceAsync()}.svg", download.SuggestedFilename);
        await using var stream = await download.CreateReadStreamAsync();
        var file = await XDocument.LoadAsync(stream, LoadOptions.None, TestContext.Current.CancellationToken);
        Assert.Equal(Svg + "svg", file.Root!.Name);
        var arrows = file.Descendants(Svg + "g").Where(static group => group.Attribute("data-kind") is not null).ToArray();
        Assert.Equal(DashboardPage.MessagesOf(4).Sum(static one => one.Count), arrows.Length);
        Assert.All(arrows, static arrow => Assert.StartsWith("rgb", arrow.Element(Svg + "path")!.Attribute("stroke")!.Value, StringComparison.Ordinal));
        Assert.All(file.Descendants(), static element => Assert.Null(element.Attribute("class")));
        Assert.DoesNotContain("var(", file.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_of_it_can_be_read_as_a_table()
    {
        await using var page = await OpenWithRequestAsync("read", "aloud");

        await page.Page.Locator("#message-table summary").ClickAsync();

        await Expect(page.Page.Locator("#message-rows tr")).ToHaveCountAsync(DashboardPage.MessagesOf(4).Sum(static one => one.Count));
        await Expect(page.Page.Locator("#message-rows tr").First).ToContainTextAsync("request");
    }

    private async Task<DashboardPage> OpenWithRequestAsync(string key, string value)
    {
        await Silo.SettledStatusAsync();
        var page = await browser.OpenAsync(Silo.Address);
        await page.PutUntilAllTakePartAsync(4, key, value);
        return page;
    }

    private static async Task<double> FirstPlaceAsync(DashboardPage page, string kind)
    {
        var places = await page.Arrows(kind).Locator("path").EvaluateAllAsync<double[]>("arrows => arrows.map(arrow => Number(/^M([\\d.]+)/.exec(arrow.getAttribute('d'))[1]))");
        return places.Min();
    }
}
