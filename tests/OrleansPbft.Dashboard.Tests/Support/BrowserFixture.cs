using OrleansPbft.Tests;

[assembly: AssemblyFixture(typeof(OrleansPbft.Dashboard.Tests.BrowserFixture))]

// Each test looks at a page that draws all the time, over a silo of its own: side by side they would wait for the processor, and for nothing else.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace OrleansPbft.Dashboard.Tests;

/// <summary>One Chromium for all tests. It is not downloaded: it is Debian's package, or whatever <c>PBFT_CHROMIUM</c> names.</summary>
/// <remarks>Where there is none the tests are skipped, and say what to install; with <c>PBFT_REQUIRE_BROWSER=1</c>, as in CI, they fail.</remarks>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string Missing =
        "There is no Chromium here. Install it (Debian: apt-get install chromium), or say where it is: PBFT_CHROMIUM=/path/to/chromium. "
        + "CI sets PBFT_REQUIRE_BROWSER=1 and needs one.";

    private static readonly string[] UsualPlaces =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    /// <summary>It talks to the silo and to nobody else, and needs neither a graphics card nor to be confined from pages that are our own.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Whether there is a browser to test with.</summary>
    internal static string? Executable =>
        Environment.GetEnvironmentVariable("PBFT_CHROMIUM") is { Length: > 0 } named ? named : Array.Find(UsualPlaces, File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Executable is not { } path)
        {
            if (Environment.GetEnvironmentVariable("PBFT_REQUIRE_BROWSER") == "1") throw new InvalidOperationException(Missing);
            return; // each test says so
        }

        SetDefaultExpectTimeout((float)SafetyNet.Limit.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
    }

    /// <summary>Opens the page of a silo in a window of its own, with nothing kept from any other, and waits until it shows what the silo says.</summary>
    internal async Task<DashboardPage> OpenAsync(Uri silo, BrowserNewContextOptions? window = null)
    {
        Assert.SkipWhen(_browser is null, Missing);
        window ??= new();
        window.ViewportSize ??= new() { Width = 1440, Height = 900 };
        window.AcceptDownloads = true;
        var page = new DashboardPage(await _browser.NewContextAsync(window), silo);
        await page.OpenAsync();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
