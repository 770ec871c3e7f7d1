using System.Globalization;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Shows on a terminal, in one line that is written over, how far a benchmark is; elsewhere nothing.</summary>
/// <param name="io">The console.</param>
/// <param name="time">The clock.</param>
internal sealed class BenchProgress(ConsoleIo io, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows progress until the token is cancelled, then takes the line away.</summary>
    /// <param name="phase">What is going on.</param>
    /// <param name="tallies">What the clients count.</param>
    /// <param name="done">Ends it.</param>
    public async Task ShowAsync(string phase, IReadOnlyList<BenchTally> tallies, CancellationToken done)
    {
        if (!io.ReportsToTerminal) return;
        using var timer = new PeriodicTimer(Every, time);
        var began = time.GetTimestamp();
        var (before, operationsBefore) = (began, 0L);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                var now = time.GetTimestamp();
                var operations = tallies.Sum(static tally => tally.Reads + tally.Writes);
                var failed = tallies.Sum(static tally => tally.Failed);
                var rate = (operations - operationsBefore) / time.GetElapsedTime(before, now).TotalSeconds;
                await io.Errors.WriteAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"\r{phase} {time.GetElapsedTime(began, now).TotalSeconds:F1} s, {operations:N0} operations, {rate:N0} op/s now, {failed:N0} errors\e[K"));
                (before, operationsBefore) = (now, operations);
            }
        }
        catch (OperationCanceledException)
        {
            await io.Errors.WriteAsync("\r\e[K");
        }
    }
}
