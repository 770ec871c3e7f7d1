using System.Text.Json;

namespace OrleansPbft.Dashboard.Tests;

/// <summary>The page at / of a silo in a real browser: it loads, stays alive, and is usable by keyboard, in the dark and in a narrow window.</summary>
public sealed class PageTests(SiloFixture fixture, BrowserFixture browser) : IClassFixture<SiloFixture>
{
    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task It_loads_without_an_error_or_a_violation_of_its_policy()
    {
        await using var page = await browser.OpenAsync(Silo.Address);
        await page.PutAsync("first", "sight");

        await Expect(page.Page).ToHaveTitleAsync("OrleansPbft");
        await Expect(page.Page.Locator("#replica-rows tr:visible")).ToHaveCountAsync(4);
        await Expect(page.Page.Locator("#quorum-left")).ToHaveTextAsync("1");
        await Expect(page.Page.Locator("#pips li[data-works=true]")).ToHaveCountAsync(4);
        await Expect(page.Diagram).ToBeVisibleAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task It_asks_its_own_silo_and_nobody_else()
    {
        await using var page = await browser.OpenAsync(Silo.Address);
        await page.PutAsync("nobody", "else");

        Assert.Contains(page.Requests, static url => url.EndsWith("/v1/events", StringComparison.Ordinal));
        Assert.All(page.Requests, url => Assert.StartsWith(Silo.Address.ToString(), url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_others_write_is_shown_as_it_happens()
    {
        await using var page = await browser.OpenAsync(Silo.Address);

        var (_, written) = await Silo.SendAsync(HttpMethod.Put, "/v1/kv/others", """{"value":"x"}""");

        var sequence = written.GetProperty("sequence").GetInt64();
        await Expect(page.Page.Locator($"#trace-list [data-id=n{sequence}]")).ToBeVisibleAsync();
        await page.ShowsTraceAsync(sequence); // the newest is followed
        for (var replica = 0; replica < 4; replica++)
        {
            await Expect(page.Replica(replica).Locator("td.number").Nth(1)).ToHaveTextAsync($"{sequence}");
            await Expect(page.Replica(replica).Locator(".digest")).ToHaveAttributeAsync("data-verdict", "equal");
        }
    }

    [Fact]
    public async Task What_clients_write_is_text_and_never_markup()
    {
        const string Hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
        await using var page = await browser.OpenAsync(Silo.Address);

        await page.PutAsync(Hostile, Hostile);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Get", Exact = true }).ClickAsync();

        await Expect(page.Answer).ToContainTextAsync("by quorum read");
        await Expect(page.Answer.Locator("strong")).ToHaveTextAsync($"{Hostile} = {Hostile}");
        Assert.Equal(0, await page.Answer.Locator("img, script").CountAsync());
        await Expect(page.Page).ToHaveTitleAsync("OrleansPbft");
    }

    [Fact]
    public async Task The_protocol_is_the_first_link_for_the_keyboard_and_every_control_can_be_reached()
    {
        await using var page = await browser.OpenAsync(Silo.Address);
        await page.PutAsync("keys", "only");
        var reached = new List<string>();

        for (var i = 0; i < 120; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            var id = await page.Page.EvaluateAsync<string>(
                "() => { const at = document.activeElement; return at.id || at.getAttribute('aria-label') || at.textContent; }");
            if (reached.Contains(id)) continue;
            reached.Add(id);
        }

        await page.Page.EvaluateAsync("() => { document.activeElement.blur(); scrollTo(0, 0); }");
        string[] controls =
        [
            "large", "theme", "follow", "diagram", "step-on", "zoom-in", "even", "export", "kv-key", "Make replica 0 silent",
            "Events, newest first", "throughput-chart",
        ];
        Assert.All(controls, control => Assert.Contains(control, reached));
    }

    [Fact]
    public async Task It_is_dark_where_the_system_is_and_light_where_the_person_says_so()
    {
        await using var page = await browser.OpenAsync(Silo.Address, new() { ColorScheme = ColorScheme.Dark });

        Assert.True(await page.LightnessAsync("body", "backgroundColor") < 40);
        Assert.True(await page.LightnessAsync("body", "color") > 200);

        await page.Page.GetByLabel("Theme").SelectOptionAsync("light");
        Assert.True(await page.LightnessAsync("body", "backgroundColor") > 220);
        Assert.True(await page.LightnessAsync("body", "color") < 60);

        await page.Page.ReloadAsync();
        await page.WaitUntilLiveAsync();
        Assert.True(await page.LightnessAsync("body", "backgroundColor") > 220);
    }

    [Theory]
    [InlineData(360, 740, false)]
    [InlineData(768, 1024, false)]
    [InlineData(1280, 720, true)] // a projector
    public async Task No_window_is_too_narrow_for_it(int width, int height, bool large)
    {
        await using var page = await browser.OpenAsync(Silo.Address, new() { ViewportSize = new() { Width = width, Height = height } });
        if (large) await page.Page.GetByRole(AriaRole.Button, new() { Name = "Large" }).ClickAsync();
        await page.PutAsync("narrow", "window");
        await page.ShowsTraceAsync(await page.AnsweredSequenceAsync());

        Assert.Equal(0, await page.OverflowAsync());
        await Expect(page.Diagram).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Nothing_moves_where_the_person_wants_no_motion()
    {
        await using var page = await browser.OpenAsync(Silo.Address, new() { ReducedMotion = ReducedMotion.Reduce });

        var moving = await page.Page.EvaluateAsync<int>("() => document.getAnimations().length");

        Assert.Equal(0, moving);
    }

    [Fact]
    public async Task Its_files_are_asked_for_each_time_and_sent_only_when_they_are_others()
    {
        using var first = await Silo.Http.GetAsync(new Uri("/app.js", UriKind.Relative), TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/app.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await Silo.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((200, 304), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal("text/javascript", first.Content.Headers.ContentType!.MediaType);
        Assert.True(first.Headers.CacheControl!.NoCache);
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
        var policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_opens_its_details()
    {
        await using var page = await browser.OpenAsync(Silo.Address);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Replica 2", Exact = true }).ClickAsync();

        var status = await Silo.SendAsync(HttpMethod.Get, "/v1/replicas/2");
        Assert.Equal(JsonValueKind.String, status.Body.GetProperty("stateDigest").ValueKind);
        await Expect(page.Page.Locator("#replica-2-detail")).ToContainTextAsync($"State digest {status.Body.GetProperty("stateDigest").GetString()}");
    }
}
