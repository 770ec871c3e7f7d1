namespace OrleansPbft.Dashboard.Tests;

/// <summary>Replicas made faulty by the page's own buttons, and what a person sees of it.</summary>
public sealed class FaultTests(SiloFixture fixture, BrowserFixture browser) : IClassFixture<SiloFixture>, IAsyncDisposable
{
    [Fact]
    public async Task A_silent_primary_is_replaced_before_ones_eyes_and_healed()
    {
        await using var page = await browser.OpenAsync(fixture.Silo.Address);
        await page.PutAsync("before", "it");
        var view = long.Parse(await page.Page.Locator("#view-number").InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        var primary = (int)(view % 4);

        await page.MakeAsync(primary, "silent");
        await Expect(page.Page.Locator($"#pips li:nth-child({primary + 1})")).ToHaveAttributeAsync("data-works", "false");
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("0");
        await page.PutAsync("during", "it");

        await Expect(page.Page.Locator("#view-number")).ToHaveTextAsync($"{view + 1}");
        await Expect(page.Page.Locator("#view-detail")).ToHaveTextAsync($"led by replica {(view + 1) % 4}");
        await Expect(page.Events.Filter(new() { HasText = $"view {view + 1}" }).First).ToBeVisibleAsync();
        await page.ChooseTracesAsync("View changes");
        await page.Page.Locator($"#trace-list [data-id=v{view + 1}]").ClickAsync();
        await Expect(page.Arrows("view-change").First).ToBeVisibleAsync();
        // From the new primary to all others; the silent one hears, and only says nothing.
        await Expect(page.Arrows("new-view")).ToHaveCountAsync(3);
        Assert.True(await page.Arrows("suspect").CountAsync() >= 2, "f + 1 suspicions end a view");

        await page.HealAsync(primary);
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("1");
        await page.PutAsync("after", "it");
        await Expect(page.Replica(primary).Locator(".digest")).ToHaveAttributeAsync("data-verdict", "equal");
        await Expect(page.Replica(primary).Locator(".lag")).ToHaveTextAsync("");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task A_liar_is_red_in_the_diagram_and_the_answer_is_right()
    {
        await using var page = await browser.OpenAsync(fixture.Silo.Address);
        var liar = await SomeBackupAsync();

        await page.MakeAsync(liar, "lying");
        await Expect(page.Replica(liar).Locator(".badge.fault")).ToHaveTextAsync("✕ lie");
        await page.PutAsync("truth", "out");
        await page.ShowsTraceAsync(await page.AnsweredSequenceAsync());

        await Expect(page.Diagram.Locator($".message[data-mark=lying][data-from='{liar}']").First).ToBeVisibleAsync();
        await Expect(page.Diagram.Locator($".message[data-mark=lying]:not([data-from='{liar}'])")).ToHaveCountAsync(0);
        await Expect(page.Page.Locator("#legend [data-mark=lying]")).ToContainTextAsync("contradicts");
        await Expect(page.Answer).Not.ToContainTextAsync($"{liar} and ");
        await page.HealAsync(liar);
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task The_votes_of_a_silent_backup_are_drawn_as_missing()
    {
        await using var page = await browser.OpenAsync(fixture.Silo.Address);
        var silent = await SomeBackupAsync();

        await page.MakeAsync(silent, "silent");
        await Expect(page.Replica(silent).Locator(".badge.fault")).ToHaveTextAsync("✕ silent");
        await page.PutAsync("quiet", "there");
        var sequence = await page.AnsweredSequenceAsync();
        await Expect(page.Page.Locator("#trace-title")).ToContainTextAsync($"n {sequence} ");

        var missing = page.Diagram.Locator(".message[data-mark=missing]");
        await Expect(missing.First).ToBeVisibleAsync();
        Assert.Equal(await missing.CountAsync(), await page.Diagram.Locator($".message[data-mark=missing][data-from='{silent}']").CountAsync());
        Assert.NotEqual("none", await missing.First.Locator("path").EvaluateAsync<string>("arrow => getComputedStyle(arrow).strokeDasharray"));
        await page.HealAsync(silent);
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task More_than_f_are_made_faulty_with_a_warning()
    {
        await using var page = await browser.OpenAsync(fixture.Silo.Address);

        await page.MakeAsync(1, "wrong");
        await page.MakeAsync(3, "stuck");

        await Expect(page.Page.Locator("#fault-warning")).ToContainTextAsync("2 replicas are faulty, and n = 4 tolerates 1");
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("no");
        await page.HealAsync(1);
        await page.HealAsync(3);
        await Expect(page.Page.Locator("#fault-warning")).ToBeHiddenAsync();
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("1");
    }

    /// <summary>Heals what a test that failed halfway left behind, so that no other fails for it.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var replica = 0; replica < 4; replica++) await fixture.Silo.SendAsync(HttpMethod.Delete, $"/v1/replicas/{replica}/fault");
    }

    private async Task<int> SomeBackupAsync()
    {
        var (_, status) = await fixture.Silo.SendAsync(HttpMethod.Get, "/v1/status");
        return (status.GetProperty("primary").GetInt32() + 2) % 4;
    }
}
