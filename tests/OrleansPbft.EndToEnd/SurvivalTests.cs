using System.Globalization;
using System.Text;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Services;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>Clients outlive the cluster: every replica is killed and started again in the middle of their calls, and every call succeeds, once (C-2, C-3, D-3).</summary>
public sealed class SurvivalTests : IDisposable
{
    private const int Kill = 9;
    private const int Clients = 8;
    private const int Kills = 3;
    private const int CallsBetween = 40;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-survival-");
    private readonly long[] _acknowledged = new long[Clients];
    private readonly SemaphoreSlim _answers = new(0);
    private volatile bool _isEnding;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _answers.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Calls_under_way_while_all_replicas_are_killed_and_started_again_succeed_once()
    {
        var silo = await StartAsync("http://127.0.0.1:0");
        try
        {
            var address = silo.Address;
            await using var connection = await ClusterConnection.ConnectAsync(address, cancellationToken: Cancelled);
            var calls = Enumerable.Range(0, Clients).Select(i => CallAsync(connection, i)).ToArray();
            for (var kill = 0; kill < Kills; kill++)
            {
                await AnswersAsync(calls);
                silo.Process.Signal(Kill);
                await silo.Process.ExitAsync();
                await silo.DisposeAsync();
                silo = await StartAsync(address.GetLeftPart(UriPartial.Authority));
            }

            await AnswersAsync(calls);
            _isEnding = true;
            await Task.WhenAll(calls).InTime();
            await CheckAsync(connection);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    /// <summary>The counter of each client shows what was acknowledged to it.</summary>
    private async Task CheckAsync(ClusterConnection connection)
    {
        using var key = KeyPair.Create();
        await using var checking = connection.CreateClient(key);
        var store = new KeyValueClient(checking);
        for (var i = 0; i < Clients; i++)
        {
            var value = await store.GetAsync(Key(i), ordered: true, Cancelled);
            Assert.Equal($"{_acknowledged[i]}", Text(value));
        }
    }

    private static string Key(int client) => $"survivor/{client}";

    private static string Text(KeyValueAnswer answer) => Encoding.UTF8.GetString(answer.Result.Value.Span);

    private Task<SiloProcess> StartAsync(string url) => SiloProcess.StartAsync(
        $"--Urls={url}", "--Pbft:Durability=Sync", $"--Pbft:JournalDirectory={_directory.FullName}");

    /// <summary>Waits until the clients have had some more answers: kills come in the middle of what they do.</summary>
    private async Task AnswersAsync(Task[] calls)
    {
        var ended = Task.WhenAny(calls);
        for (var i = 0; i < CallsBetween; i++)
        {
            var answer = _answers.WaitAsync(Cancelled);
            if (await Task.WhenAny(answer, ended).InTime() == ended) await await ended; // none ends before it is told to, unless it fails
        }
    }

    /// <summary>One client with several calls under way, each of which is waited for until it succeeds.</summary>
    private async Task CallAsync(ClusterConnection connection, int number)
    {
        using var key = KeyPair.Create();
        await using var client = connection.CreateClient(key, new() { RequestTimeout = Timeout.InfiniteTimeSpan });
        var store = new KeyValueClient(client);
        while (!_isEnding)
        {
            var together = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => store.IncrementAsync(Key(number), 1, Cancelled)));
            Assert.All(together, static answer => Assert.Equal(KeyValueOutcome.Written, answer.Result.Outcome));

            // Whatever the order in which the three were executed: each once, so that the highest value is their number.
            _acknowledged[number] += together.Length;
            Assert.Equal(_acknowledged[number], together.Max(static answer => long.Parse(Text(answer), CultureInfo.InvariantCulture)));
            _answers.Release(together.Length);
        }
    }
}
