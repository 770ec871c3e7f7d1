using System.Text;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>Whatever the primary of a running silo does wrong, its clients are served on, nothing is lost or doubled, and after healing all replicas are in one state.</summary>
public sealed class FaultyPrimaryTests(FaultyPrimaryTests.QuickSilo fixture) : IClassFixture<FaultyPrimaryTests.QuickSilo>
{
    private const int Clients = 4;
    private const int AnswersAfterTheFault = 10; // of each client

    private readonly long[] _acknowledged = new long[Clients];

    [Theory]
    [InlineData("silent", true)]
    [InlineData("stuck", true)]
    [InlineData("wrong", false)]
    [InlineData("lie", false)]
    [InlineData("equivocate", true)]
    [InlineData("slow", false)] // deposed where others are ordered meanwhile; four clients may all wait at once
    [InlineData("censor:all of this test's clients", true)]
    [InlineData("replay", false)]
    [InlineData("corrupt", false)]
    [InlineData("drop:0.5", false)]
    [InlineData("crash", true)]
    public async Task A_faulty_primary_costs_nobody_an_answer(string mode, bool isDeposed)
    {
        var endpoint = fixture.Silo.Address;
        await using var connection = await ClusterConnection.ConnectAsync(endpoint, cancellationToken: TestContext.Current.CancellationToken);
        using var keys = KeyPair.Create(); // one for all clients: a censor names one
        var before = await StatusDocument.FetchAsync(endpoint, TestContext.Current.CancellationToken);
        var primary = (int)(before.View % before.N);
        var prefix = $"faulty-primary/{mode.Split(':')[0]}/";
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => IncrementAsync(connection, keys, prefix, i, times: 3))).InTime();

        await FaultAnswer.SetAsync(
            endpoint, primary, mode.StartsWith("censor", StringComparison.Ordinal) ? $"censor:{keys.PublicKey.ClientId}" : mode, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => IncrementAsync(connection, keys, prefix, i, AnswersAfterTheFault))).InTime();
        var after = await StatusDocument.FetchAsync(endpoint, TestContext.Current.CancellationToken);
        await FaultAnswer.SetAsync(endpoint, primary, null, TestContext.Current.CancellationToken);

        Assert.True(after.View > before.View || !isDeposed, $"The primary of view {before.View} was {mode}, and the view is {after.View}.");
        await using var reader = connection.CreateClient(keys);
        for (var i = 0; i < Clients; i++)
        {
            var counter = await new KeyValueClient(reader).GetAsync(prefix + i, cancellationToken: TestContext.Current.CancellationToken).InTime();
            Assert.Equal($"{_acknowledged[i]}", Encoding.UTF8.GetString(counter.Result.Value.Span));
        }

        await AllInOneStateAsync(endpoint).InTime();
    }

    private async Task IncrementAsync(ClusterConnection connection, KeyPair keys, string prefix, int client, int times)
    {
        await using var session = connection.CreateClient(keys, new() { RequestTimeout = SafetyNet.Limit });
        for (var i = 0; i < times; i++)
        {
            await new KeyValueClient(session).IncrementAsync(prefix + client, cancellationToken: TestContext.Current.CancellationToken);
            _acknowledged[client]++;
        }
    }

    private static async Task AllInOneStateAsync(Uri endpoint)
    {
        while (true)
        {
            var status = await StatusDocument.FetchAsync(endpoint, TestContext.Current.CancellationToken);
            if (status.Replicas.All(static replica => replica.State == "Normal") && status.Replicas.DistinctBy(static replica => replica.StateDigest).Count() == 1) return;
        }
    }

    /// <summary>A silo in which time-outs are short and checkpoints frequent, so that view changes and transfers are.</summary>
    public sealed class QuickSilo : IAsyncLifetime
    {
        internal SiloProcess Silo { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Silo = await SiloProcess.StartAsync(
            "--Pbft:FaultInjection:Enabled=true",
            "--Pbft:RequestTimeout=00:00:00.800",
            "--Pbft:OrderingDelayMax=00:00:00.600",
            "--Pbft:ViewChangeTimeout=00:00:00.800",
            "--Pbft:CheckpointInterval=8",
            "--Pbft:LogWindow=16");

        public ValueTask DisposeAsync() => Silo.DisposeAsync();
    }
}
