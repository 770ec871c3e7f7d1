namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Shows on a terminal, in one line that is written over, how far a benchmark is; elsewhere nothing.</summary>
/// <param name="io">The console.</param>
/// <param name="time">The clock.</param>
internal sealed class BenchProgress(ConsoleIo io, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows progress until the token is cancelled, then takes the line away.</summary>
    /// <param name="line">Words it.</param>
    /// <param name="tallies">What the clients count.</param>
    /// <param name="done">Ends it.</param>
    public async Task ShowAsync(ProgressLine line, IReadOnlyList<BenchTally> tallies, CancellationToken done)
    {
        if (!io.ReportsToTerminal) return;
        using var timer = new PeriodicTimer(Every, time);
        var began = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                var operations = tallies.Sum(static tally => tally.Reads + tally.Writes);
                var failed = tallies.Sum(static tally => tally.Failed);
                await io.Errors.WriteAsync($"\r{line.At(time.GetElapsedTime(began), operations, failed)}\e[K");
            }
        }
        catch (OperationCanceledException)
        {
            await io.Errors.WriteAsync("\r\e[K");
        }
    }
}
