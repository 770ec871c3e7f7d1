using System.Collections.Concurrent;
using System.Globalization;
using OrleansPbft.Tests;

namespace OrleansPbft.Dashboard.Tests;

/// <summary>The dashboard in a browser's window, as a person has it before them: by what it shows, and not by how it is made.</summary>
internal sealed class DashboardPage(IBrowserContext window, Uri silo) : IAsyncDisposable
{
    private const int AttemptsMax = 20;

    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly ConcurrentQueue<string> _requests = [];

    /// <summary>The page itself.</summary>
    public IPage Page { get; private set; } = null!;

    /// <summary>What the browser said against the page: errors of scripts, violations of its policy, what could not be loaded.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Whatever the page asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public ILocator Diagram => Page.Locator("#diagram svg.sequence");

    public ILocator ConnectionState => Page.Locator("#connection");

    public ILocator Banner => Page.Locator("#banner");

    public ILocator Traces => Page.Locator("#trace-list [role=option]");

    public ILocator Events => Page.Locator("#event-list li");

    public ILocator Answer => Page.Locator("#kv-answer");

    public ILocator Caption => Page.Locator("#caption");

    /// <summary>Loads the page, and waits until it is alive.</summary>
    public async Task OpenAsync()
    {
        Page = await window.NewPageAsync();
        Page.SetDefaultTimeout((float)SafetyNet.Limit.TotalMilliseconds);
        Page.PageError += (_, error) => _complaints.Enqueue(error);
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        Page.Request += (_, request) => _requests.Enqueue(request.Url);
        await Page.GotoAsync(silo.ToString());
        await WaitUntilLiveAsync();
    }

    /// <summary>Waits until the page follows the silo and has asked for all that it shows.</summary>
    public async Task WaitUntilLiveAsync()
    {
        await Expect(ConnectionState).ToHaveTextAsync("live");
        await Expect(Page.Locator("body")).ToHaveAttributeAsync("data-ready", "true");
        await Expect(Page.Locator("#replica-rows tr").First).ToBeVisibleAsync();
    }

    /// <summary>Writes a key by the page's own panel, and waits for the answer.</summary>
    public async Task PutAsync(string key, string value)
    {
        await Page.GetByLabel("Key", new() { Exact = true }).FillAsync(key);
        await Page.GetByLabel("Value", new() { Exact = true }).FillAsync(value);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Put", Exact = true }).ClickAsync();
        await Expect(Answer.Locator("strong")).ToHaveTextAsync($"{key} = {value}");
        await Expect(Answer).Not.ToHaveAttributeAsync("aria-busy", "true");
    }

    /// <summary>Where in the order the last write was executed, as its answer says.</summary>
    public async Task<long> AnsweredSequenceAsync()
    {
        var words = (await Answer.InnerTextAsync()).Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[Array.IndexOf(words, "sequence") + 1], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the diagram of one trace is shown, with all its messages.</summary>
    public async Task ShowsTraceAsync(long sequence)
    {
        await Expect(Page.Locator("#trace-title")).ToContainTextAsync($"n {sequence} ");
        await Expect(Page.Locator("#trace-facts")).Not.ToContainTextAsync("under way");
    }

    /// <summary>Chooses which traces to pick from: All, Requests, View changes, Checkpoints.</summary>
    public Task ChooseTracesAsync(string kind) => Page.GetByRole(AriaRole.Radio, new() { Name = kind, Exact = true }).CheckAsync();

    /// <summary>How many messages of each kind one request costs n replicas when none of them is late. A replica's own vote is no message.</summary>
    public static IReadOnlyList<(string Kind, int Count)> MessagesOf(int n) =>
        [("request", 1), ("pre-prepare", n - 1), ("prepare", (n - 1) * (n - 1)), ("commit", n * (n - 1)), ("reply", n)];

    /// <summary>Writes a key until the diagram shows a write for which all n replicas went through all phases.</summary>
    /// <remarks>On a loaded machine one can be so late that the others' COMMITs suffice it, and it sends none of its own (rule N-4). Nothing is ever sent
    /// beyond the formula.</remarks>
    public async Task PutUntilAllTakePartAsync(int n, string key, string value)
    {
        var expected = MessagesOf(n);
        int[] counts = [];
        for (var attempt = 0; attempt < AttemptsMax && !counts.SequenceEqual(expected.Select(static one => one.Count)); attempt++)
        {
            await PutAsync(key, value);
            await ShowsTraceAsync(await AnsweredSequenceAsync());
            counts = await Page.EvaluateAsync<int[]>(
                "kinds => kinds.map(kind => document.querySelectorAll(`#diagram .message[data-kind='${kind}']:not([data-mark=resent])`).length)",
                expected.Select(static one => one.Kind).ToArray());
            Assert.All(expected.Zip(counts), static one => Assert.True(one.Second <= one.First.Count, $"{one.Second} messages of the kind {one.First}"));
        }

        Assert.Equal(expected.Select(static one => one.Count), counts);
    }

    /// <summary>The arrows of one kind in the diagram, but for those that are sent again.</summary>
    public ILocator Arrows(string kind) => Diagram.Locator($".message[data-kind='{kind}']:not([data-mark=resent])");

    /// <summary>The buttons that make a replica fail.</summary>
    public Task MakeAsync(int replica, string word) =>
        Page.GetByRole(AriaRole.Button, new() { Name = $"Make replica {replica} {word}", Exact = true }).ClickAsync();

    public Task HealAsync(int replica) =>
        Page.GetByRole(AriaRole.Button, new() { Name = $"Heal replica {replica}", Exact = true }).ClickAsync();

    /// <summary>One replica's row in the table.</summary>
    public ILocator Replica(int id) => Page.Locator($"#replica-{id}");

    /// <summary>How many pixels more than there are the page is wide.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");

    /// <summary>How light a colour that the browser shows is: 0 to 255.</summary>
    public Task<double> LightnessAsync(string selector, string property) => Page.EvaluateAsync<double>(
        """
        ([selector, property]) => {
          const [r, g, b] = getComputedStyle(document.querySelector(selector))[property].match(/[\d.]+/g).map(Number);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
        """,
        new[] { selector, property });

    public async ValueTask DisposeAsync() => await window.DisposeAsync();
}
