using OrleansPbft.ClientConsole;
using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.Benchmarks;

/// <summary>Five times what the cluster can do, from a hundred clients for two minutes: what each client gets, what becomes of the memory, and what comes after.</summary>
internal static class OverloadReport
{
    public static async Task<int> RunAsync(ClusterTarget target, int[] pids, TimeSpan duration)
    {
        var options = new BenchOptions { Clients = 100, Bundle = 1, Duration = duration, OpenLoop = new(5, IsMultiple: true) };
        var memory = new MemoryWatch(pids);
        using var done = new CancellationTokenSource();
        var watching = memory.WatchAsync(done.Token);
        var report = await BenchRun.RunAsync(target, options, TimeSpan.FromSeconds(10), ConsoleIo.System, CancellationToken.None);
        await done.CancelAsync();
        await watching;
        var result = report.ToResult();
        Console.WriteLine(result.Text);
        memory.Print();
        return result.ExitCode;
    }
}
