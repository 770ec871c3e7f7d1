using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>A federation of four in a folder of its own: a process for each organisation, and clients that ask all of them.</summary>
internal sealed class Federation : IAsyncDisposable
{
    public const int Replicas = 4;

    /// <summary>So that view changes are, and fall due, within a test's patience.</summary>
    public static readonly string[] Quick =
    [
        "--Pbft:RequestTimeout=00:00:01", "--Pbft:OrderingDelayMax=00:00:00.800", "--Pbft:ViewChangeTimeout=00:00:01", "--Pbft:ViewChangeTimeoutMax=00:00:05",
        "--Pbft:Links:ReconnectAfterMax=00:00:01", "--Pbft:Links:SilenceMax=00:00:02",
    ];

    /// <summary>Of <c>keys init</c>: a small window, so that checkpoints, and transfers of the state, are frequent.</summary>
    public static readonly string[] SmallWindow = ["--option", "CheckpointInterval=8", "--option", "LogWindow=16"];

    private readonly Dictionary<int, ProgramProcess> _silos = [];

    private Federation(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>What every silo is started with.</summary>
    public string[] Settings { get; init; } = [];

    /// <summary>What every silo, and the console, finds in its environment.</summary>
    public (string Name, string Value)[] Environment { get; init; } = [];

    /// <summary>The network between all; null where they reach each other directly.</summary>
    public Network? Network { get; private set; }

    /// <summary>Who the replicas are, and where they listen in truth.</summary>
    public ClusterFile File { get; private set; } = null!;

    /// <summary>The process of a replica's silo.</summary>
    public ProgramProcess this[int replica] => _silos[replica];

    /// <summary>Makes keys, and starts all silos but those left out.</summary>
    public static async Task<Federation> StartAsync(params int[] without)
    {
        var federation = await CreateAsync();
        await federation.StartAllAsync(without);
        return federation;
    }

    /// <summary>Makes keys, and starts nothing.</summary>
    /// <param name="keys">More for <c>keys init</c>.</param>
    /// <param name="settings">What every silo is started with.</param>
    /// <param name="environment">What every silo, and the console, finds in its environment.</param>
    /// <param name="isProxied">Whether there is a <see cref="Network"/> of the test's between all.</param>
    public static async Task<Federation> CreateAsync(string[]? keys = null, string[]? settings = null, bool isProxied = false, (string Name, string Value)[]? environment = null)
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("orleanspbft-federation-").FullName, "cluster");
        var (port, httpPort) = FreePorts();
        var (exitCode, output) = await RunAsync(["keys", "init", "--out", folder, "--port", Text(port), "--http-port", Text(httpPort), .. keys ?? []]);
        Assert.True(exitCode == 0, output);
        var federation = new Federation(folder) { Settings = settings ?? [], Environment = environment ?? [], File = ClusterFile.Load(Path.Combine(folder, ConfigFolder.Cluster)) };
        if (isProxied)
        {
            federation.Network = new(federation.File);
            for (var i = 0; i < Replicas; i++) federation.GiveFile($"replica-{i}", i);
            federation.GiveFile("client", Network.Clients);
        }

        return federation;
    }

    /// <summary>The first of four ports in a row that are free, twice. Whoever takes one before its silo does makes the test fail, and not pass.</summary>
    public static (int Port, int HttpPort) FreePorts()
    {
        var first = FreeRange(21_000 + (Random.Shared.Next(1_400) * 8)); // tests run beside each other
        return (first, FreeRange(first + 4));
    }

    public string PathOf(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>The folder of a replica's journal.</summary>
    public string JournalOf(int replica) => PathOf($"replica-{replica}", "journal", $"replica-{replica}");

    /// <summary>Starts the silo of a replica, and waits until it serves.</summary>
    public Task StartAsync(int replica, params string[] settings) => Begin(replica, settings).LineAsync("Serving.");

    /// <summary>Starts all silos that do not run.</summary>
    public async Task StartAllAsync(params int[] without)
    {
        var started = Enumerable.Range(0, Replicas).Where(i => !without.Contains(i) && !_silos.ContainsKey(i)).Select(i => Begin(i)).ToArray();
        foreach (var silo in started) await silo.LineAsync("Serving.");
    }

    /// <summary>Starts a program as the silo of a replica; it may refuse to serve.</summary>
    public ProgramProcess BeginAnother(int replica, params string[] settings) =>
        ProgramProcess.Start("Silo", ["--replica", Text(replica), "--config", PathOf($"replica-{replica}"), .. Settings, .. settings], Environment);

    /// <summary>Kills a silo, which has no time to say anything.</summary>
    public async Task KillAsync(int replica)
    {
        Assert.True(_silos.Remove(replica, out var silo));
        await silo.DisposeAsync();
    }

    /// <summary>Kills a silo and wipes its journal, as if its disk were gone; its keys were elsewhere.</summary>
    public async Task LoseDiskAsync(int replica)
    {
        await KillAsync(replica);
        Directory.Delete(PathOf($"replica-{replica}", "journal"), recursive: true);
    }

    /// <summary>Kills all that run, at once.</summary>
    public Task KillAllAsync() => Task.WhenAll(_silos.Keys.ToArray().Select(KillAsync));

    /// <summary>Runs the console as the first client, against all silos.</summary>
    public Task<(int ExitCode, string Output)> AskAsync(params string[] arguments) =>
        RunInAsync(Environment, [.. arguments, "--config", PathOf("client"), "--timeout", "50"]);

    /// <summary>Runs the console.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunInAsync([], arguments);

    private static async Task<(int ExitCode, string Output)> RunInAsync((string Name, string Value)[] environment, string[] arguments)
    {
        await using var client = ProgramProcess.Start("Client", arguments, environment);
        var exitCode = await client.ExitAsync();
        return (exitCode, client.Output + client.Errors);
    }

    /// <summary>The operator's HTTP API of one silo.</summary>
    public async Task<HttpClient> ApiOfAsync(int replica)
    {
        var line = await _silos[replica].LineAsync("  HTTP API");
        return new() { BaseAddress = new(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).GetLeftPart(UriPartial.Authority)), Timeout = SafetyNet.Limit };
    }

    /// <summary>Has clients increment and write, and remember what they are told.</summary>
    public CheckedLoad BeginLoad(int clients = 4) =>
        new(ClusterFile.Load(PathOf("client", ConfigFolder.Cluster)), PathOf("client", ConfigFolder.ClientKey), clients);

    /// <summary>Where every replica stands, asked directly whatever the network is like.</summary>
    public Task<StatusDocument> StatusAsync() => StatusDocument.FetchAsync(File, TestContext.Current.CancellationToken);

    /// <summary>Waits until a replica works and has executed what the others have now.</summary>
    public async Task CaughtUpAsync(int replica)
    {
        long? goal = null;
        await Poll.UntilNoneAsync(async () =>
        {
            var replicas = (await StatusAsync()).Replicas;
            goal ??= replicas.Max(static one => one.LastExecuted);
            var it = replicas[replica];
            return it.State == "Normal" && it.LastExecuted >= goal ? null : $"replica {replica} is {it.State} at {it.LastExecuted}, not at {goal}.\n{Logs()}";
        });
    }

    /// <summary>Waits until all replicas work and are in one state; nobody may be asking them for anything.</summary>
    public Task SettledAsync() => Poll.UntilNoneAsync(async () =>
    {
        var replicas = (await StatusAsync()).Replicas;
        return replicas.All(static one => one.State == "Normal") && replicas.DistinctBy(static one => one.StateDigest).Count() == 1
            ? null
            : "the replicas are not in one state: "
                + string.Join("; ", replicas.Select(static one => $"{one.Id} {one.State} view {one.View} at {one.LastExecuted} d:{one.StateDigest}")) + "\n" + Logs();
    });

    /// <summary>Ends the load, and asserts that nothing was lost or doubled and that all replicas come to one state.</summary>
    public async Task<LoadReport> EndAsync(CheckedLoad load)
    {
        var report = await load.EndAsync();
        Assert.True(report.Problems.Count == 0, $"{report}\n{string.Join('\n', report.Problems)}\n{Logs()}");
        await SettledAsync();
        return report;
    }

    /// <summary>What the silos that run have said last.</summary>
    public string Logs() => string.Join('\n', _silos.OrderBy(static silo => silo.Key).Select(
        static silo => $"-- silo {silo.Key}\n{string.Join('\n', silo.Value.Output.Split('\n').TakeLast(25))}{silo.Value.Errors}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.Values) await silo.DisposeAsync();
        if (Network is not null) await Network.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }

    private void GiveFile(string folder, int sender) =>
        System.IO.File.WriteAllText(PathOf(folder, ConfigFolder.Cluster), Network!.FileOf(sender, File).ToJson());

    private ProgramProcess Begin(int replica, params string[] settings) => _silos[replica] = BeginAnother(replica, settings);

    private static int FreeRange(int from)
    {
        for (var first = from; first < 60_000; first += 4)
        {
            if (Enumerable.Range(first, 4).All(IsFree)) return first;
        }

        throw new InvalidOperationException("There are no four free ports in a row.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
