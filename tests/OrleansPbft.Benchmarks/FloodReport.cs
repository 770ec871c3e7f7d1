using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Benchmarks;

/// <summary>What one that floods costs the others: what honest clients get through beside it, compared with what they do without it, in windows that alternate.</summary>
/// <remarks>The attacker runs on the same machine and takes processor time of its own; what it sends is prepared before, so that it is little.</remarks>
internal sealed class FloodReport(ClusterTarget target, int clients, int[] pids)
{
    private const int Rounds = 3;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private long _answered;

    /// <summary>Runs the attacks named; all there are, when none is.</summary>
    public static async Task<int> RunAsync(ClusterTarget target, int clients, int[] pids, string[] attacks) =>
        await new FloodReport(target, clients, pids).RunAsync(attacks);

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
            foreach (var name in names.Length > 0 ? names : target.Folder is null ? AttacksOnSilos : [.. AttacksOnSilos, .. AttacksOfPeers])
            {
                await MeasureAsync(name, await AttackAsync(name, cluster), memory);
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

    private static readonly string[] AttacksOnSilos = ["garbage", "signatures", "requests", "sessions"];

    private static readonly string[] AttacksOfPeers = ["peer-garbage", "peer-signatures", "peer-votes"];

    private async Task MeasureAsync(string name, Func<CancellationToken, Task> attack, MemoryWatch memory)
    {
        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var free = await CountAsync();
            using var stop = new CancellationTokenSource();
            var attacking = attack(stop.Token);
            var beside = await CountAsync();
            await stop.CancelAsync();
            await attacking;
            memory.Look();
            await Task.Delay(Window / 2);
            ratios.Add(beside / free);
            Console.WriteLine($"  {name,-16} {beside,7:F0} requests/s beside it, {free,7:F0} without: {beside / free:F2}");
        }

        ratios.Sort();
        Console.WriteLine($"{name}: {ratios[Rounds / 2]:F2} of what it is without (median of {Rounds})");
    }

    private async Task<Func<CancellationToken, Task>> AttackAsync(string name, ClusterInfo cluster)
    {
        var key = target.Folder is null ? KeyPair.Create() : target.CreateKeys(); // of the whole process: it is not many
        if (target.Folder is not { } folder)
        {
            var port = new UriBuilder(new Uri(target.Endpoint!, LinkFrame.ClientPath)) { Scheme = "ws", Query = $"cluster={cluster.Id}" }.Uri;
            return await AttackAsync(name, new(cluster, port, certificate: null), key);
        }

        var file = ClusterFile.Load(Path.Combine(folder, ConfigFolder.Cluster));
        var address = new Uri($"wss://{file.Addresses[0]}{LinkFrame.ClientPath}?cluster={cluster.Id}");
        var now = DateTimeOffset.UtcNow;
        if (!name.StartsWith("peer-", StringComparison.Ordinal))
        {
            return await AttackAsync(name, new(cluster, address, ClientCertificate.Create(key, now.AddDays(-1), now.AddDays(1))), key);
        }

        var self = new ReplicaId(file.Addresses.Length - 1);
        var peer = KeyFile.Load(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(folder))!, $"replica-{self.Index}", ConfigFolder.ReplicaKey));
        X509Certificate2 certificate = ReplicaCertificate.Create(peer, self, cluster.Id, now.AddDays(-1), now.AddDays(1));
        return new Attacker(cluster, address, certificate).Peer(name["peer-".Length..], peer, self, file.Addresses);
    }

    private static async Task<Func<CancellationToken, Task>> AttackAsync(string name, Attacker attacker, KeyPair key) => name switch
    {
        "garbage" => attacker.Garbage(),
        "signatures" => attacker.Signatures(key),
        "requests" => await attacker.RequestsAsync(key),
        "sessions" => attacker.Sessions(key),
        _ => throw new ArgumentException($"There is no attack {name}: {string.Join(", ", AttacksOnSilos)}, {string.Join(", ", AttacksOfPeers)}.", nameof(name)),
    };

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
