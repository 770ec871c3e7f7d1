namespace OrleansPbft.Dashboard.Tests;

/// <summary>The page of a silo that goes away and comes back.</summary>
public sealed class RestartTests(BrowserFixture browser)
{
    [Fact]
    public async Task It_says_that_the_silo_is_away_and_follows_the_next_one_at_the_same_place()
    {
        await using var first = await SiloProcess.StartAsync();
        await using var page = await browser.OpenAsync(first.Address);
        await page.PutAsync("one", "life");
        var cluster = await page.Page.Locator("#cluster-id").InnerTextAsync();

        first.Process.Signal(ProgramProcess.Terminate);
        await first.Process.ExitAsync();
        await Expect(page.Banner).ToContainTextAsync("Reconnecting");
        await Expect(page.ConnectionState).ToHaveTextAsync("reconnecting");

        await using var second = await SiloProcess.StartAsync($"--Urls={first.Address.GetLeftPart(UriPartial.Authority)}");
        await Expect(page.Banner).ToBeHiddenAsync();
        await Expect(page.ConnectionState).ToHaveTextAsync("live");
        await Expect(page.Page.Locator("#cluster-id")).Not.ToHaveTextAsync(cluster); // without journals each start is another cluster
        await page.PutAsync("another", "life");
        await page.ShowsTraceAsync(await page.AnsweredSequenceAsync());
        Assert.DoesNotContain(page.Complaints, static complaint => !complaint.Contains("Failed to load resource", StringComparison.Ordinal)
            && !complaint.Contains("net::ERR", StringComparison.Ordinal));
    }
}
