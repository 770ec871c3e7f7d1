using OrleansPbft.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansPbft.ClientConsole;

/// <summary>Asks a silo again and again until it is stopped: the page is redrawn in place on a terminal, else written whenever it changed.</summary>
/// <typeparam name="T">What the silo answers.</typeparam>
/// <param name="fetch">Asks once.</param>
/// <param name="describe">What an answer comes to.</param>
/// <param name="draw">An answer as what is drawn, from top to bottom.</param>
/// <param name="io">Where it is shown.</param>
/// <param name="isJson">Whether it is written as one JSON document a line.</param>
/// <param name="interval">How long to wait between two questions.</param>
internal sealed class PageWatch<T>(
    Func<CancellationToken, Task<T>> fetch, Func<T, VerbResult> describe, Func<T, IEnumerable<IRenderable>> draw, ConsoleIo io, bool isJson, TimeSpan interval)
    where T : class
{
    private T? _last;
    private VerbResult? _problem; // why there is no newer one

    /// <summary>Watches until it is stopped. Where nobody answers at first, nothing is watched; later, it is asked on.</summary>
    /// <returns>The exit code of the last answer; a failure where the last question had none.</returns>
    /// <exception cref="PbftException">Nobody answers at first.</exception>
    public async Task<VerbResult> RunAsync(CancellationToken cancelled)
    {
        _last = await fetch(cancelled);
        if (io.CanRedraw && !isJson) await RedrawAsync(cancelled);
        else await WriteChangesAsync(cancelled);
        return VerbResult.Written((_problem ?? describe(_last)).ExitCode);
    }

    private async Task RedrawAsync(CancellationToken cancelled)
    {
        var console = Screen.On(io, io.Output, AnsiSupport.Yes);
        await console.Live(Page()).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            live.Refresh();
            while (await WaitAsync(cancelled))
            {
                if (!await AskAsync(cancelled)) break;
                live.UpdateTarget(Page());
            }
        });
    }

    private async Task WriteChangesAsync(CancellationToken cancelled)
    {
        var written = "";
        do
        {
            var result = _problem ?? describe(_last!);
            var text = isJson ? result.Json.ToJsonString(VerbResult.OneLine) : result.Text;
            if (text == written) continue;
            if (!isJson && written.Length > 0) await io.Output.WriteLineAsync();
            if (!isJson) await io.Output.WriteLineAsync($"at {Now}");
            await io.Output.WriteLineAsync(text);
            await io.Output.FlushAsync(CancellationToken.None);
            written = text;
        }
        while (await WaitAsync(cancelled) && await AskAsync(cancelled));
    }

    private Rows Page()
    {
        var parts = new List<IRenderable>(draw(_last!));
        parts.Add(_problem is null
            ? Screen.Cell($"at {Now}, asked again every {interval.TotalSeconds:0.##} s; Ctrl-C ends it")
            : Screen.Cell($"{_problem.Text}\nthe above is old; asked again every {interval.TotalSeconds:0.##} s; Ctrl-C ends it", Screen.Bad));
        return new(parts);
    }

    private string Now => io.Time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Waits until it is time to ask again; false when it is stopped.</summary>
    private async Task<bool> WaitAsync(CancellationToken cancelled)
    {
        try
        {
            await Task.Delay(interval, io.Time, cancelled);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Asks, and remembers what came of it; false when it is stopped.</summary>
    private async Task<bool> AskAsync(CancellationToken cancelled)
    {
        try
        {
            _last = await fetch(cancelled);
            _problem = null;
        }
        catch (PbftException failure)
        {
            _problem = Failures.Describe(failure)!; // there is a description of each of these
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return true;
    }
}
