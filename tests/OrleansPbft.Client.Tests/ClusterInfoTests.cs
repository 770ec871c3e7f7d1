using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What a client is told of a cluster, and what it does not believe.</summary>
public sealed class ClusterInfoTests : IDisposable
{
    private readonly SealedReplicas _replicas = new();

    [Fact]
    public void A_document_reads_back_as_the_cluster_it_was_made_of()
    {
        var json = _replicas.Cluster.ToJson();

        Assert.True(ClusterInfo.TryParse(Encoding.UTF8.GetBytes(json), out var read, out _));
        Assert.Equal(_replicas.Cluster.Id, read.Id);
        Assert.Equal(_replicas.Cluster.Membership.Replicas, read.Membership.Replicas);
        Assert.Equal(_replicas.Options.SessionWindow, read.Options.SessionWindow);
        Assert.Equal(_replicas.Options.RequestBytesMax, read.Options.RequestBytesMax);
        Assert.Equal("KeyValueStore/1", read.Service);
    }

    /// <summary>A-1: the id follows from the keys, so a silo can not give the keys of one cluster the name of another.</summary>
    [Theory]
    [InlineData("\"n\": 4", "\"n\": 7", "7")]
    [InlineData("\"clusterId\": \"", "\"clusterId\": \"0", "cluster")]
    [InlineData("\"sessionWindow\": 4", "\"sessionWindow\": 0", "SessionWindow")]
    [InlineData("\"id\": 2", "\"id\": 1", "Replica 2")]
    [InlineData("\"replicas\": [", "\"replicas\": [null,", "names 5 replicas")]
    [InlineData("\"service\": \"KeyValueStore/1\"", "\"service\": null", "service")]
    [InlineData("{", "[", "JSON")]
    public void A_document_that_contradicts_itself_is_refused(string find, string replace, string complaint)
    {
        var json = _replicas.Cluster.ToJson();
        var at = json.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0);
        json = json[..at] + replace + json[(at + find.Length)..];

        Assert.False(ClusterInfo.TryParse(Encoding.UTF8.GetBytes(json), out _, out var problem));
        Assert.Contains(complaint, problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Where_nobody_listens_one_line_says_so_and_how_to_start_a_cluster()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var failure = await Assert.ThrowsAsync<PbftConnectionException>(
            () => ClusterInfo.FetchAsync(new($"http://127.0.0.1:{port}"), TestContext.Current.CancellationToken));

        Assert.Equal($"No cluster answers at http://127.0.0.1:{port}. Start one: dotnet run --project silo", failure.Message);
    }

    [Fact]
    public async Task A_file_with_pinned_keys_is_read_and_checked()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, _replicas.Cluster.ToJson(), TestContext.Current.CancellationToken);
            var cluster = await ClusterInfo.LoadAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(_replicas.Cluster.Id, cluster.Id);

            await File.WriteAllTextAsync(path, "{}", TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<InvalidDataException>(() => ClusterInfo.LoadAsync(path, TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => _replicas.Dispose();
}
