using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Benchmarks;

/// <summary>What faults cost a running silo: time from the primary's failure to the next commit, and throughput with a faulty backup beside fault-free.</summary>
/// <remarks>Every client increments a counter of its own, and at the end each counter must show exactly what was acknowledged: nothing lost, nothing doubled.</remarks>
internal sealed class FaultReport(Uri endpoint, int clients)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly long[] _acknowledged = new long[clients];
    private long _lastAnswer = Stopwatch.GetTimestamp();

    private long Total => Enumerable.Range(0, _acknowledged.Length).Sum(i => Interlocked.Read(ref _acknowledged[i]));

    public static async Task<int> RunAsync(Uri endpoint, int clients, int failures)
    {
        var report = new FaultReport(endpoint, clients);
        await using var connection = await ClusterConnection.ConnectAsync(endpoint);
        using var ending = new CancellationTokenSource();
        using var keys = KeyPair.Create();
        var prefix = $"faults/{Guid.NewGuid():N}/";
        var load = Enumerable.Range(0, clients).Select(i => report.LoadAsync(connection, prefix + i, i, ending.Token)).ToArray();
        try
        {
            Console.WriteLine($"{clients} clients, each with one increment in flight, at {endpoint}");
            await Task.Delay(2 * Window); // the first seconds are compiled
            await report.MeasureThroughputAsync(connection.Cluster.Cluster);
            await report.MeasureFailoverAsync(connection.Cluster.Cluster, failures);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(load);
        }

        return await report.CheckAsync(connection, prefix);
    }

    private async Task LoadAsync(ClusterConnection connection, string key, int number, CancellationToken ending)
    {
        using var keys = KeyPair.Create();
        await using var client = connection.CreateClient(keys, new() { RequestTimeout = TimeSpan.FromMinutes(2) });
        var store = new KeyValueClient(client);
        while (!ending.IsCancellationRequested)
        {
            await store.IncrementAsync(key, cancellationToken: CancellationToken.None);
            Interlocked.Increment(ref _acknowledged[number]);
            Interlocked.Exchange(ref _lastAnswer, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Alternates fault-free windows with windows in which one backup is silent, or lies; each is compared with the one before it.</summary>
    private async Task MeasureThroughputAsync(ClusterSize cluster)
    {
        foreach (var mode in new[] { "silent", "lie" })
        {
            var ratios = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                var free = await CountAsync();
                var backup = (int)((await ViewAsync() + 1) % cluster.Replicas);
                await FaultAnswer.SetAsync(endpoint, backup, mode);
                var faulty = await CountAsync();
                await FaultAnswer.SetAsync(endpoint, backup, null);
                await Task.Delay(Window / 2); // what it missed, it fetches
                ratios.Add(faulty / free);
                Console.WriteLine($"  backup {backup} {mode,-6}  {faulty,7:F0} op/s beside {free,7:F0} op/s fault-free: {faulty / free:F2}");
            }

            Console.WriteLine($"one backup {mode}: {Median(ratios):F2} of fault-free (median of {ratios.Count})");
        }
    }

    private async Task<double> CountAsync()
    {
        var before = Total;
        var clock = Stopwatch.StartNew();
        await Task.Delay(Window);
        return (Total - before) / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Crashes one primary after another under load; the time is from the failure to the first answer that came after a pause of it.</summary>
    private async Task MeasureFailoverAsync(ClusterSize cluster, int failures)
    {
        var times = new List<double>();
        for (var i = 0; i < failures; i++)
        {
            var view = await ViewAsync();
            var primary = (int)(view % cluster.Replicas);
            var failed = Stopwatch.GetTimestamp();
            await FaultAnswer.SetAsync(endpoint, primary, "silent");
            while (await ViewAsync() <= view) await Task.Delay(20);
            var entered = Stopwatch.GetTimestamp();
            while (Interlocked.Read(ref _lastAnswer) < entered) await Task.Delay(5);
            var took = Stopwatch.GetElapsedTime(failed, Interlocked.Read(ref _lastAnswer)).TotalSeconds;
            await FaultAnswer.SetAsync(endpoint, primary, null);
            times.Add(took);
            Console.WriteLine($"  primary {primary} silent in view {view}: next commit after {took:F2} s, in view {await ViewAsync()}");
            await Task.Delay(Window);
        }

        Console.WriteLine($"from the primary's failure to the next commit: {Median(times):F2} s (median of {times.Count}; {times.Min():F2} to {times.Max():F2} s)");
    }

    private async Task<long> ViewAsync() => (await StatusDocument.FetchAsync(endpoint)).View;

    private async Task<int> CheckAsync(ClusterConnection connection, string prefix)
    {
        using var keys = KeyPair.Create();
        await using var client = connection.CreateClient(keys);
        var store = new KeyValueClient(client);
        var wrong = 0;
        for (var i = 0; i < clients; i++)
        {
            var value = System.Text.Encoding.UTF8.GetString((await store.GetAsync(prefix + i, ordered: true)).Result.Value.Span);
            if (value != $"{_acknowledged[i]}") wrong++;
        }

        StatusDocument status;
        var patience = Stopwatch.StartNew();
        do
        {
            await Task.Delay(200);
            status = await StatusDocument.FetchAsync(endpoint);
        }
        while (status.Replicas.DistinctBy(static replica => replica.StateDigest).Count() > 1 && patience.Elapsed < 6 * Window);

        var digests = status.Replicas.DistinctBy(static replica => replica.StateDigest).Count();
        Console.WriteLine($"{Total} increments acknowledged; {wrong} of {clients} counters differ from what was acknowledged");
        Console.WriteLine($"{digests} distinct state digests at {status.Replicas.Length} replicas");
        return wrong == 0 && digests == 1 ? 0 : 1;
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
