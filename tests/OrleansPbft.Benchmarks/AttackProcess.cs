using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Benchmarks;

/// <summary>An <see cref="Attacker"/> in a process of its own, which runs when others leave it time: <c>attack WHERE NAME</c>. It says when it is ready, begins when it is
/// sent a line, and ends when its input does.</summary>
internal sealed class AttackProcess : IAsyncDisposable
{
    /// <summary>The attacks of clients.</summary>
    public static readonly string[] OnSilos = ["garbage", "signatures", "requests", "sessions"];

    /// <summary>The attacks of the last replica of a federation.</summary>
    public static readonly string[] OfPeers = ["peer-garbage", "peer-signatures", "peer-votes"];

    private const string Ready = "ready";

    private readonly Process _process;
    private bool _ended;

    private AttackProcess(Process process) => _process = process;

    /// <summary>Starts one; it has all that it will send when this returns, and sends nothing yet.</summary>
    /// <exception cref="InvalidOperationException">It could not be made ready; why is on the console.</exception>
    public static async Task<AttackProcess> StartAsync(string where, string name)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(AttackProcess).Assembly.Location);
        foreach (var argument in (string[])["attack", where, name]) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The attacker could not be started.");
        var attacker = new AttackProcess(process);
        process.PriorityClass = ProcessPriorityClass.BelowNormal;
        if (await process.StandardOutput.ReadLineAsync() == Ready) return attacker;
        await attacker.DisposeAsync();
        throw new InvalidOperationException($"The attack {name} was not ready.");
    }

    /// <summary>Lets it loose.</summary>
    public void Begin() => _process.StandardInput.WriteLine();

    public async ValueTask DisposeAsync()
    {
        if (_ended) return;
        _ended = true;
        _process.StandardInput.Close();
        while (!_process.HasExited) await Task.Delay(20); // WaitForExitAsync was seen never to return on one busy processor, with the process gone
        _process.Dispose();
    }

    /// <summary>What the process does.</summary>
    public static async Task<int> RunAsync(ClusterTarget target, string name)
    {
        var cluster = await target.DescribeAsync(CancellationToken.None);
        var attack = await FindAsync(target, cluster, name);
        Console.WriteLine(Ready);
        if (await Console.In.ReadLineAsync() is null) return 0;
        using var stop = new CancellationTokenSource();
        var attacking = attack(stop.Token);
        await Console.In.ReadLineAsync(stop.Token);
        await stop.CancelAsync();
        await attacking;
        return 0;
    }

    private static async Task<Func<CancellationToken, Task>> FindAsync(ClusterTarget target, ClusterInfo cluster, string name)
    {
        var key = target.Folder is null ? KeyPair.Create() : target.CreateKeys(); // of the whole process, which ends with it
        if (target.Folder is not { } folder)
        {
            var port = new UriBuilder(new Uri(target.Endpoint!, LinkFrame.ClientPath)) { Scheme = "ws", Query = $"cluster={cluster.Id}" }.Uri;
            return await FindAsync(name, new(cluster, port, certificate: null), key);
        }

        var file = ClusterFile.Load(Path.Combine(folder, ConfigFolder.Cluster));
        var address = new Uri($"wss://{file.Addresses[0]}{LinkFrame.ClientPath}?cluster={cluster.Id}");
        var now = DateTimeOffset.UtcNow;
        if (!name.StartsWith("peer-", StringComparison.Ordinal))
        {
            return await FindAsync(name, new(cluster, address, ClientCertificate.Create(key, now.AddDays(-1), now.AddDays(1))), key);
        }

        var self = new ReplicaId(file.Addresses.Length - 1);
        var peer = KeyFile.Load(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(folder))!, $"replica-{self.Index}", ConfigFolder.ReplicaKey));
        X509Certificate2 certificate = ReplicaCertificate.Create(peer, self, cluster.Id, now.AddDays(-1), now.AddDays(1));
        return new Attacker(cluster, address, certificate).Peer(name["peer-".Length..], peer, self, file.Addresses);
    }

    private static async Task<Func<CancellationToken, Task>> FindAsync(string name, Attacker attacker, KeyPair key) => name switch
    {
        "garbage" => attacker.Garbage(),
        "signatures" => attacker.Signatures(key),
        "requests" => await attacker.RequestsAsync(key),
        "sessions" => attacker.Sessions(key),
        _ => throw new ArgumentException($"There is no attack {name}: {string.Join(", ", OnSilos)}, {string.Join(", ", OfPeers)}.", nameof(name)),
    };
}
