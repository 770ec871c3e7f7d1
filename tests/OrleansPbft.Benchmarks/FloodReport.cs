using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Benchmarks;

/// <summary>What one that floods costs the others: what honest clients get through beside it, compared with what they do without it, in windows that alternate.</summary>
/// <remarks>An attacker's own machine would do its work. Here it is a process of its own (<see cref="AttackProcess"/>) that yields to the honest clients; what it sends is prepared
/// before. It takes nothing from the silos where they and this are given processors of their own, as by taskset.</remarks>
internal sealed class FloodReport(ClusterTarget target, string where, int clients, int[] pids)
{
    private const int Rounds = 3;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // So long it goes on before anything is counted: its own code is compiled, and whatever it may do at once it has done.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(2);

    private long _answered;

    /// <summary>Runs the attacks named; all there are, when none is.</summary>
    /// <param name="target">The cluster.</param>
    /// <param name="where">How the command line named it.</param>
    /// <param name="clients">How many are honest.</param>
    /// <param name="pids">The processes of the silos.</param>
    /// <param name="attacks">Their names.</param>
    public static async Task<int> RunAsync(ClusterTarget target, string where, int clients, int[] pids, string[] attacks) =>
        await new FloodReport(target, where, clients, pids).RunAsync(attacks);

    private async Task<int> RunAsync(string[] names)
    {
        var cluster = await target.DescribeAsync(CancellationToken.None);
        using var keys = target.CreateKeys();
        await using var connection = target.Connect(cluster, keys);
        using var ending = new CancellationTokenSource();
        var load = Enumerable.Range(0, clients).Select(i => LoadAsync(connection, keys, i, ending.Token)).ToArray();
        var memory = new MemoryWatch(pids);
        try
        {
            Console.WriteLine($"{clients} honest clients, each with one write in flight; windows of {Window.TotalSeconds:0} s");
            await Task.Delay(2 * Window); // the first seconds are compiled
            foreach (var name in names.Length > 0 ? names : target.Folder is null ? AttackProcess.OnSilos : [.. AttackProcess.OnSilos, .. AttackProcess.OfPeers])
            {
                await MeasureAsync(name, memory);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(load);
        }

        memory.Print();
        return 0;
    }

    private async Task MeasureAsync(string name, MemoryWatch memory)
    {
        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var attacker = await AttackProcess.StartAsync(where, name);
            var free = await CountAsync();
            attacker.Begin();
            await Task.Delay(Lead);
            var beside = await CountAsync();
            memory.Look();
            await attacker.DisposeAsync();
            await Task.Delay(Window / 2);
            ratios.Add(beside / free);
            Console.WriteLine($"  {name,-16} {beside,7:F0} requests/s beside it, {free,7:F0} without: {beside / free:F2}");
        }

        ratios.Sort();
        Console.WriteLine($"{name}: {ratios[Rounds / 2]:F2} of what it is without (median of {Rounds})");
    }

    private async Task LoadAsync(ClusterConnection connection, KeyPair keys, int number, CancellationToken ending)
    {
        using var own = target.Folder is null ? KeyPair.Create() : null;
        await using var client = connection.CreateClient(own ?? keys, new() { RequestTimeout = TimeSpan.FromMinutes(2) });
        var store = new KeyValueClient(client);
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await store.PutAsync($"honest/{number}", new byte[16], cancellationToken: CancellationToken.None);
                Interlocked.Increment(ref _answered);
            }
            catch (PbftException failure)
            {
                Console.WriteLine($"  client {number}: {failure.Message}");
            }
        }
    }

    private async Task<double> CountAsync()
    {
        var before = Interlocked.Read(ref _answered);
        var clock = Stopwatch.StartNew();
        await Task.Delay(Window);
        return (Interlocked.Read(ref _answered) - before) / clock.Elapsed.TotalSeconds;
    }
}
