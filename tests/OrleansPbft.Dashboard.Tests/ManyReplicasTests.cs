namespace OrleansPbft.Dashboard.Tests;

/// <summary>The page with 31 replicas, of which ten may fail.</summary>
public sealed class ManyReplicasTests(BrowserFixture browser)
{
    [Fact]
    public async Task Thirty_one_replicas_are_shown_and_their_protocol_drawn()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:Replicas=31", "--Pbft:FaultInjection:Enabled=true");
        await using var page = await browser.OpenAsync(silo.Address);
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("10");
        await Expect(page.Page.Locator("#pips li[data-works=true]")).ToHaveCountAsync(31);
        await Expect(page.Page.Locator("#replica-rows tr:visible")).ToHaveCountAsync(31);
        await Expect(page.Page.Locator("#fault-rows tr")).ToHaveCountAsync(31);

        await page.PutUntilAllTakePartAsync(31, "many", "voices");

        Assert.Equal(0, await page.OverflowAsync());
        await page.Page.Locator("#diagram").FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Diagram.Locator(".message[data-step=now]")).ToHaveCountAsync(30);
        Assert.Empty(page.Complaints);
    }
}
