using System.Diagnostics;

namespace OrleansPbft.Benchmarks;

/// <summary>The resident size of processes: at first, at most, at last.</summary>
internal sealed class MemoryWatch
{
    private readonly int[] _pids;
    private readonly long[] _first;
    private readonly long[] _most;

    public MemoryWatch(int[] pids)
    {
        _pids = pids;
        _first = [.. pids.Select(ResidentBytes)];
        _most = [.. _first];
    }

    public void Look()
    {
        for (var i = 0; i < _pids.Length; i++) _most[i] = Math.Max(_most[i], ResidentBytes(_pids[i]));
    }

    /// <summary>Looks every second until it is told to stop.</summary>
    public async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) Look();
        }
        catch (OperationCanceledException)
        {
            // Told to.
        }
    }

    public void Print()
    {
        Look();
        for (var i = 0; i < _pids.Length; i++)
        {
            Console.WriteLine($"process {_pids[i]}: resident {_first[i] >> 20} MiB at first, {_most[i] >> 20} MiB at most, {ResidentBytes(_pids[i]) >> 20} MiB at last");
        }
    }

    private static long ResidentBytes(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
