using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>A client of a federation talks to every replica at its own silo, over TLS that only its key opens, and trusts none alone (DESIGN 9, C-4).</summary>
public sealed class FederationClientTests : IAsyncDisposable
{
    private readonly LinkedCluster _cluster = new();
    private readonly KeyPair _keys = KeyPair.Create();
    private readonly List<FederatedPort> _ports = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A request goes to the primary alone; the others answer over connections that were made for their replies.</summary>
    [Fact]
    public async Task Every_replica_answers_over_its_own_connection()
    {
        for (var i = 0; i < 4; i++) await StartAsync(i);
        await using var connection = Connect();
        await using var client = connection.CreateClient(_keys);

        var outcome = await client.SubmitAsync("op"u8.ToArray(), Cancelled).InTime();
        var read = await client.QueryAsync("get"u8.ToArray(), Cancelled).InTime();

        Assert.Equal(2, outcome.Replicas.Count);
        Assert.True(read.Replicas.Count >= 2);
        foreach (var port in _ports)
        {
            await port.Counted.Reach("connections", 1);
            Assert.Contains(client.Id, port.Node.Clients);
        }
    }

    /// <summary>f silos that are away, or somebody else, do not matter; with fewer than f + 1 true ones the client says which are missing, and why.</summary>
    [Fact]
    public async Task A_silo_with_another_key_is_not_talked_to()
    {
        using var other = KeyPair.Create();
        await StartAsync(0);
        await StartAsync(1);
        await StartAsync(2, keys: other);
        await using var connection = Connect();
        await using var client = connection.CreateClient(_keys);

        var outcome = await client.SubmitAsync("op"u8.ToArray(), Cancelled).InTime();
        await _ports[0].DisposeAsync();
        await using var patient = connection.CreateClient(_keys, new() { RequestTimeout = TimeSpan.FromSeconds(1) });
        var failure = await Assert.ThrowsAsync<PbftConnectionException>(() => patient.SubmitAsync("op"u8.ToArray(), Cancelled).InTime());

        Assert.Equal("{0,1}", outcome.Replicas.ToString());
        Assert.Contains("1 of 4 replicas can be reached, and 2 are needed", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"The certificate of replica 2 at {_cluster.Addresses[2]} is of the key {other.PublicKey.Fingerprint}", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"replica 3 at {_cluster.Addresses[3]} can not be reached", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, _ports[2].Counted["connections"]);
    }

    /// <summary>One replica that says that a client is not listed may lie; f + 1 do not.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_client_believes_that_it_is_not_listed_when_f_plus_1_say_so(int refusing, bool isServed)
    {
        for (var i = 0; i < 4; i++) await StartAsync(i, access: i >= 4 - refusing ? ClientAccess.Listed([]) : null);
        await using var connection = Connect();
        await using var client = connection.CreateClient(_keys);
        foreach (var port in _ports) port.Node.Answers = false;

        var task = client.SubmitAsync("op"u8.ToArray(), Cancelled);
        foreach (var port in _ports.TakeLast(refusing)) await port.Counted.Reach("envelopes.rejected/ClientNotAllowed", 1);

        if (isServed)
        {
            foreach (var port in _ports) port.Node.Answers = true;
            Assert.Equal("done", System.Text.Encoding.UTF8.GetString((await task.InTime()).Result.Data.Span));
        }
        else
        {
            await Assert.ThrowsAsync<PbftNotListedException>(() => task.InTime());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in _ports) await port.DisposeAsync();
        _keys.Dispose();
        _cluster.Dispose();
    }

    private async Task StartAsync(int replica, ClientAccess? access = null, KeyPair? keys = null) =>
        _ports.Add(await FederatedPort.StartAsync(_cluster, replica, access, keys));

    private ClusterConnection Connect() => new(
        new ClusterFile(_cluster.Membership.Replicas, _cluster.Addresses, SealedReplicas.Service, _cluster.Replicas.Options, AccessMode.Open), _keys);
}
