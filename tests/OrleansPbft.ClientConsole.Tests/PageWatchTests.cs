using System.Text.Json;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Verbs;
using OrleansPbft.Tests;
using static OrleansPbft.ClientConsole.Tests.StatusDocuments;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>Watching a page, here the status: in place on a terminal, one page or one document for each change elsewhere; through times when nobody answers.</summary>
public sealed class PageWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ManualTime _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Func<StatusDocument>> _answers = [];
    private ConsoleIo _io;
    private bool _isJson;

    public PageWatchTests() => _io = new(TextReader.Null, _output, TextWriter.Null) { Time = _time };

    [Fact]
    public async Task Elsewhere_a_page_is_written_whenever_something_changed()
    {
        Assert.Equal(ExitCode.Done, await WatchAsync(Status(1), Status(1), Status(2)));

        var pages = _output.ToString().Split("\n\n");
        Assert.Equal(2, pages.Length);
        Assert.StartsWith("at 2026-01-01 12:00:00Z\ncluster c: ", pages[0], StringComparison.Ordinal);
        Assert.StartsWith("at 2026-01-01 12:00:04Z\ncluster c: ", pages[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_a_line_is_a_document()
    {
        _isJson = true;
        Assert.Equal(ExitCode.Done, await WatchAsync(Status(1), Status(1), Status(2)));

        var lines = _output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal([1, 2], lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("replicas")[0].GetProperty("lastExecuted").GetInt64()));
    }

    [Fact]
    public async Task When_nobody_answers_any_more_it_says_so_and_asks_on()
    {
        _isJson = true;
        _answers.Enqueue(static () => Status(1));
        _answers.Enqueue(static () => throw new PbftConnectionException("Nobody is there.", false));
        Assert.Equal(ExitCode.Done, await WatchAsync(Status(1)));

        var lines = _output.ToString().TrimEnd('\n').Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(3, lines.Length);
        Assert.Equal("unreachable", lines[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("c", lines[2].GetProperty("clusterId").GetString());
    }

    [Fact]
    public async Task Stopped_while_nobody_answers_it_fails()
    {
        _answers.Enqueue(static () => Status(1));
        _answers.Enqueue(static () => throw new PbftConnectionException("Nobody is there.", false));

        Assert.Equal(ExitCode.Failure, await WatchAsync());
        Assert.EndsWith("\nNobody is there.\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_answers_at_first_nothing_is_watched()
    {
        _answers.Enqueue(static () => throw new PbftConnectionException("Nobody is there.", false));

        await Assert.ThrowsAsync<PbftConnectionException>(() => WatchAsync());
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task It_ends_as_the_last_status_says()
    {
        var diverged = Status(1) with { Replicas = [Replica(0, 1, "aa"), Replica(1, 1, "bb")] };

        Assert.Equal(ExitCode.Failure, await WatchAsync(Status(1), diverged));
    }

    [Fact]
    public async Task On_a_terminal_the_page_is_drawn_over_the_one_before()
    {
        _io = _io with { WritesTerminal = true, CanRedraw = true, Width = static () => 130 };
        _answers.Enqueue(static () => Status(17));
        _answers.Enqueue(static () => throw new PbftConnectionException("Nobody is there.", false));
        Assert.Equal(ExitCode.Done, await WatchAsync(Status(18)));

        var output = _output.ToString();
        Assert.Matches(@"\e\[\d+A", output); // up again, to where the page begins
        Assert.Contains("Nobody is there.", output, StringComparison.Ordinal);
        Assert.Contains("the above is old; asked again every 2 s", output, StringComparison.Ordinal);
        Assert.Contains("at 2026-01-01 12:00:04Z, asked again every 2 s; Ctrl-C ends it", output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Dispose();
        await _output.DisposeAsync();
    }

    /// <summary>Watches until all answers were given, and is stopped then.</summary>
    private async Task<int> WatchAsync(params StatusDocument[] answers)
    {
        foreach (var answer in answers) _answers.Enqueue(() => answer);
        var watching = new PageWatch<StatusDocument>(
            _ => Task.FromResult(_answers.Dequeue()()), now => StatusView.Describe(now, _io), now => StatusView.Parts(now, _io), _io, _isJson, Interval).RunAsync(_stop.Token);
        while (!watching.IsCompleted)
        {
            if (_time.Armed > 0 && _answers.Count == 0) await _stop.CancelAsync();
            else if (_time.Armed > 0) _time.Advance(Interval);
            await Task.Yield();
        }

        return (await watching.InTime()).ExitCode;
    }

    private static StatusDocument Status(long executed) => StatusDocuments.Status(Replica(0, executed, "aa"), Replica(1, executed, "aa"));
}
