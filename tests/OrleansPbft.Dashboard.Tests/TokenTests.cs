using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansPbft.Dashboard.Tests;

/// <summary>Who may change something over HTTP: whoever is on the machine, but for pages of other sites; from elsewhere, whoever knows the token.</summary>
public sealed class TokenTests(BrowserFixture browser)
{
    private const string Token = "a-token-for-tests-0123456789";
    private const string Elsewhere = "--Urls=http://0.0.0.0:0";

    [Fact]
    public async Task The_page_asks_for_the_token_and_keeps_it_in_its_tab_only()
    {
        await using var silo = await SiloProcess.StartAsync(Elsewhere, $"--Pbft:Http:Token={Token}");
        await using var page = await browser.OpenAsync(LocalAddressOf(silo));
        var dialog = page.Page.Locator("#token-dialog");
        var token = page.Page.GetByLabel("Token", new() { Exact = true });

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Put", Exact = true }).ClickAsync();
        await Expect(dialog).ToBeVisibleAsync();
        await token.FillAsync("not the silo's token");
        await token.PressAsync("Enter");
        await Expect(page.Page.Locator("#token-reason")).ToHaveTextAsync("This is not the silo's token.");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Answer).ToContainTextAsync("Nothing was changed");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Put", Exact = true }).ClickAsync();
        await token.FillAsync(Token);
        await token.PressAsync("Enter");
        await Expect(page.Answer).ToContainTextAsync("greeting = hello");
        await page.PutAsync("greeting", "again"); // it is not asked for twice
        await page.Page.ReloadAsync();
        await page.WaitUntilLiveAsync();
        await page.PutAsync("greeting", "after a reload");

        Assert.DoesNotContain(Token, await page.Page.EvaluateAsync<string>("() => JSON.stringify(localStorage) + document.cookie + location.href"), StringComparison.Ordinal);
        await using var other = await browser.OpenAsync(LocalAddressOf(silo));
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Put", Exact = true }).ClickAsync();
        await Expect(other.Page.Locator("#token-dialog")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_of_another_site_changes_nothing()
    {
        await using var silo = await SiloProcess.StartAsync("--Pbft:FaultInjection:Enabled=true");
        await using var page = await browser.OpenAsync(silo.Address);
        await page.Page.RouteAsync(
            "http://another.example/", static route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>Another</title>" }));
        await page.Page.GotoAsync("http://another.example/");

        // What needs no permission of the browser's: a form's kind of request, whose answer the page can not read, and a form itself.
        await page.Page.EvaluateAsync(
            "address => fetch(address, { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: '{\"mode\":\"silent\"}' }).catch(() => {})",
            $"{silo.Address}v1/replicas/1/fault");
        await page.Page.EvaluateAsync("address => fetch(address, { method: 'POST', mode: 'no-cors' }).catch(() => {})", $"{silo.Address}v1/kv/theirs/increment");

        var (_, faults) = await silo.SendAsync(HttpMethod.Get, "/v1/faults");
        Assert.Equal(0, faults.GetProperty("faulty").GetInt32());
        Assert.Equal(404, (await silo.SendAsync(HttpMethod.Get, "/v1/kv/theirs")).Status);
    }

    [Fact]
    public async Task On_loopback_programs_need_no_token_and_pages_of_others_get_nowhere()
    {
        await using var silo = await SiloProcess.StartAsync();

        Assert.Equal((200, null), await WriteAsync(silo));
        Assert.Equal((200, null), await WriteAsync(silo, ("Origin", silo.Address.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal((403, "cross-site"), await WriteAsync(silo, ("Origin", "http://another.example")));
        Assert.Equal((403, "cross-site"), await WriteAsync(silo, ("Origin", "null")));
        Assert.Equal((403, "cross-site"), await WriteAsync(silo, ("Origin", "http://127.0.0.1:1")));
        Assert.Equal((403, "cross-site"), await WriteAsync(silo, ("Sec-Fetch-Site", "same-site")));
        Assert.Equal((421, "wrong-host"), await WriteAsync(silo, ("Host", $"rebound.example:{silo.Address.Port}")));
        Assert.Equal((421, "wrong-host"), await AskAsync(silo, HttpMethod.Get, "/v1/status", ("Host", "rebound.example")));
        Assert.Equal((200, null), await AskAsync(silo, HttpMethod.Get, "/v1/status", ("Host", "localhost"), ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(
            (403, "cross-site"),
            await AskAsync(silo, HttpMethod.Get, "/pbft/v1/client", ("Origin", "http://another.example"), ("Connection", "Upgrade"), ("Upgrade", "websocket")));
    }

    [Fact]
    public async Task Elsewhere_a_write_needs_the_token_and_a_read_does_not()
    {
        await using var silo = await SiloProcess.StartAsync(Elsewhere, $"--Pbft:Http:Token={Token}");

        Assert.Equal((401, "token-required"), await WriteAsync(silo));
        Assert.Equal((401, "token-wrong"), await WriteAsync(silo, ("Authorization", $"Bearer {Token}x")));
        Assert.Equal((401, "token-required"), await WriteAsync(silo, ("Authorization", $"Basic {Token}")));
        Assert.Equal((200, null), await WriteAsync(silo, ("Authorization", $"Bearer {Token}")));
        Assert.Equal((200, null), await AskAsync(silo, HttpMethod.Get, "/v1/kv/token"));
        Assert.Equal((200, null), await AskAsync(silo, HttpMethod.Get, "/v1/status"));
    }

    [Fact]
    public async Task Elsewhere_without_a_token_nothing_can_be_changed_and_the_silo_says_so_at_its_start()
    {
        await using var silo = await SiloProcess.StartAsync(Elsewhere);

        Assert.Equal((403, "no-token"), await WriteAsync(silo));
        Assert.Contains("Pbft:Http:Token is not set", silo.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_set_is_wanted_on_loopback_too_and_so_it_is_by_another_name()
    {
        await using var silo = await SiloProcess.StartAsync($"--Pbft:Http:Token={Token}", "--Pbft:Http:Hosts=dashboard.example");

        Assert.Equal((401, "token-required"), await WriteAsync(silo));
        Assert.Equal((401, "token-required"), await WriteAsync(silo, ("Host", "dashboard.example")));
        Assert.Equal((200, null), await WriteAsync(silo, ("Host", "dashboard.example"), ("Authorization", $"Bearer {Token}")));
        Assert.Equal((200, null), await AskAsync(silo, HttpMethod.Get, "/v1/status", ("Host", "dashboard.example")));
    }

    [Theory]
    [InlineData("--Pbft:Http:Token=short", "Http:Token must be 16 to 256 visible characters")]
    [InlineData("--Pbft:Http:Token=with a space in its midst", "Http:Token must be 16 to 256 visible characters")]
    [InlineData("--Pbft:Http:Hosts=http://dashboard.example", "Http:Hosts ('http://dashboard.example') must be host names")]
    public async Task Settings_that_make_no_sense_are_refused_and_the_token_is_not_shown(string setting, string problem)
    {
        await using var silo = ProgramProcess.Start("Silo", ["--Urls=http://127.0.0.1:0", setting]);

        Assert.Equal(2, await silo.ExitAsync());
        Assert.Contains(problem, silo.Errors, StringComparison.Ordinal);
        if (setting.Contains("Token", StringComparison.Ordinal)) Assert.DoesNotContain(setting.Split('=')[1], silo.Errors, StringComparison.Ordinal);
    }

    private static Uri LocalAddressOf(SiloProcess silo) => new($"http://127.0.0.1:{silo.Address.Port}/");

    private static Task<(int Status, string? Code)> WriteAsync(SiloProcess silo, params (string Name, string Value)[] headers) =>
        AskAsync(silo, HttpMethod.Put, "/v1/kv/token", headers);

    private static async Task<(int Status, string? Code)> AskAsync(SiloProcess silo, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(LocalAddressOf(silo), path));
        if (method == HttpMethod.Put) request.Content = new StringContent("""{"value":"x"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await silo.Http.SendAsync(request, TestContext.Current.CancellationToken);
        if (response.StatusCode == HttpStatusCode.OK) return (200, null);
        using var problem = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)response.StatusCode, problem.RootElement.GetProperty("code").GetString());
    }
}
