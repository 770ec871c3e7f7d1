using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>A federation of four in a folder of its own: a process for each organisation, and clients that ask all of them.</summary>
internal sealed class Federation : IAsyncDisposable
{
    private readonly Dictionary<int, ProgramProcess> _silos = [];

    private Federation(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Makes keys, and starts all silos but those left out.</summary>
    public static async Task<Federation> StartAsync(params int[] without)
    {
        var federation = new Federation(Path.Combine(Directory.CreateTempSubdirectory("orleanspbft-federation-").FullName, "cluster"));
        var (port, httpPort) = FreePorts();
        var (exitCode, output) = await RunAsync("keys", "init", "--out", federation.Folder, "--port", Text(port), "--http-port", Text(httpPort));
        Assert.True(exitCode == 0, output);
        for (var i = 0; i < 4; i++)
        {
            if (!without.Contains(i)) federation.Begin(i);
        }

        foreach (var silo in federation._silos.Values) await silo.LineAsync("Serving.");
        return federation;
    }

    /// <summary>The first of four ports in a row that are free, twice. Whoever takes one before its silo does makes the test fail, and not pass.</summary>
    public static (int Port, int HttpPort) FreePorts()
    {
        var first = FreeRange(21_000);
        return (first, FreeRange(first + 4));
    }

    /// <summary>The process of a replica's silo.</summary>
    public ProgramProcess this[int replica] => _silos[replica];

    public string PathOf(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>Starts the silo of a replica, and waits until it serves.</summary>
    public Task StartAsync(int replica) => Begin(replica).LineAsync("Serving.");

    /// <summary>Kills a silo, which has no time to say anything.</summary>
    public async Task KillAsync(int replica)
    {
        Assert.True(_silos.Remove(replica, out var silo));
        await silo.DisposeAsync();
    }

    /// <summary>Runs the console as the first client, against all silos.</summary>
    public Task<(int ExitCode, string Output)> AskAsync(params string[] arguments) => RunAsync([.. arguments, "--config", PathOf("client"), "--timeout", "50"]);

    /// <summary>Runs the console.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var client = ProgramProcess.Start("Client", arguments);
        var exitCode = await client.ExitAsync();
        return (exitCode, client.Output + client.Errors);
    }

    /// <summary>The operator's HTTP API of one silo.</summary>
    public async Task<HttpClient> ApiOfAsync(int replica)
    {
        var line = await _silos[replica].LineAsync("  HTTP API");
        return new() { BaseAddress = new(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).GetLeftPart(UriPartial.Authority)), Timeout = SafetyNet.Limit };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.Values) await silo.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }

    private ProgramProcess Begin(int replica) => _silos[replica] = ProgramProcess.Start("Silo", ["--replica", Text(replica), "--config", PathOf($"replica-{replica}")]);

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
