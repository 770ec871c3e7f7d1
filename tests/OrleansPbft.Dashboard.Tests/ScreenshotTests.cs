using System.Reflection;

namespace OrleansPbft.Dashboard.Tests;

/// <summary>Takes the pictures in docs/images from the real page of a real silo.</summary>
/// <remarks>PBFT_SCREENSHOTS=docs/images dotnet test tests/OrleansPbft.Dashboard.Tests --filter FullyQualifiedName~Screenshot</remarks>
public sealed class ScreenshotTests(BrowserFixture browser)
{
    private const int BytesMax = 300_000; // what a clone of the repository has to carry

    private static readonly string? Folder = Environment.GetEnvironmentVariable("PBFT_SCREENSHOTS") is { Length: > 0 } wanted
        ? Path.Combine(typeof(ScreenshotTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "Root").Value!, wanted)
        : null;

    [Fact]
    public async Task Of_four_replicas()
    {
        Assert.SkipWhen(Folder is null, "Set PBFT_SCREENSHOTS to the folder that the pictures go to.");
        await using var silo = await SiloProcess.StartAsync("--Pbft:FaultInjection:Enabled=true");
        await using var page = await browser.OpenAsync(silo.Address, WindowOf(1440, 960));
        await WarmUpAsync(page);
        await TakeAsync(page, "dashboard-light.png");

        await page.Page.GetByLabel("Theme").SelectOptionAsync("dark");
        await page.MakeAsync(2, "lying");
        await Expect(page.Replica(2).Locator(".badge.fault")).ToBeVisibleAsync();
        await page.PutAsync("greeting", "hello");
        await page.ShowsTraceAsync(await page.AnsweredSequenceAsync());
        await Expect(page.Diagram.Locator(".message[data-mark=lying]").First).ToBeVisibleAsync();
        await TakeAsync(page, "dashboard-dark.png");
        await page.Page.GetByLabel("Theme").SelectOptionAsync("");
        await page.HealAsync(2);

        await page.PutUntilAllTakePartAsync(4, "greeting", "hello again");
        await page.Page.Locator("#diagram").FocusAsync();
        for (var i = 0; i < 4; i++) await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Page.Locator("#protocol").ScreenshotAsync(new() { Path = PathOf("sequence.png") });

        await page.MakeAsync(0, "silent");
        await page.PutAsync("greeting", "from another view");
        await Expect(page.Page.Locator("#view-number")).Not.ToHaveTextAsync("0");
        await page.ChooseTracesAsync("View changes");
        await page.Page.Locator("#trace-list [data-id=v1]").ClickAsync();
        await Expect(page.Arrows("new-view").First).ToBeVisibleAsync();
        await TakeAsync(page, "view-change.png");

        await using var narrow = await browser.OpenAsync(silo.Address, WindowOf(390, 844));
        await narrow.PutAsync("pocket", "size");
        await narrow.ShowsTraceAsync(await narrow.AnsweredSequenceAsync());
        await TakeAsync(narrow, "dashboard-narrow.png");
    }

    [Fact]
    public async Task Of_thirty_one()
    {
        Assert.SkipWhen(Folder is null, "Set PBFT_SCREENSHOTS to the folder that the pictures go to.");
        await using var silo = await SiloProcess.StartAsync("--Pbft:Replicas=31", "--Pbft:FaultInjection:Enabled=true");
        await using var page = await browser.OpenAsync(silo.Address, WindowOf(1440, 1080, 0.7f));
        await WarmUpAsync(page);
        await page.MakeAsync(3, "silent");
        await Expect(page.Replica(3).Locator(".badge.fault")).ToBeVisibleAsync();
        await page.PutAsync("greeting", "to thirty");
        await Expect(page.Page.Locator("#trace-title")).ToContainTextAsync($"n {await page.AnsweredSequenceAsync()} ");
        await page.Page.GetByLabel("Highlight").SelectOptionAsync("12"); // one of so many can be followed
        await TakeAsync(page, "dashboard-31.png");
    }

    /// <summary>A few requests: the first ones are slow, as everything is compiled.</summary>
    private static async Task WarmUpAsync(DashboardPage page)
    {
        for (var i = 0; i < 30; i++) await page.PutAsync("greeting", $"hello {i}");
        await page.PutUntilAllTakePartAsync(await page.Page.Locator("#pips li").CountAsync(), "greeting", "hello");
    }

    private static async Task TakeAsync(DashboardPage page, string name)
    {
        await Expect(page.Page.Locator("#trace-list [aria-selected=true]")).ToBeVisibleAsync();
        await page.Page.EvaluateAsync("() => { document.activeElement.blur(); scrollTo(0, 0); }");
        await page.Page.ScreenshotAsync(new() { Path = PathOf(name), Animations = ScreenshotAnimations.Disabled });
        Assert.True(new FileInfo(PathOf(name)).Length <= BytesMax, $"{name} has {new FileInfo(PathOf(name)).Length} bytes; {BytesMax} is the most");
    }

    private static BrowserNewContextOptions WindowOf(int width, int height, float scale = 1) =>
        new() { ViewportSize = new() { Width = width, Height = height }, DeviceScaleFactor = scale, ReducedMotion = ReducedMotion.Reduce };

    private static string PathOf(string name) => Path.Combine(Folder!, name);
}
