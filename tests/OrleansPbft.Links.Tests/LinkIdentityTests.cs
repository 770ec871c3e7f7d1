using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links.Tests;

/// <summary>A peer with a wrong key, of another cluster, of another version or with a certificate out of date is refused, and both sides say why (DESIGN 9, A-1).</summary>
public sealed class LinkIdentityTests : IDisposable
{
    private readonly LinkedCluster _cluster = new();

    /// <summary>Somebody else at replica 1's address: replica 0 does not talk to it, and does not listen to it.</summary>
    [Fact]
    public async Task A_peer_with_another_key_is_refused_on_both_sides()
    {
        using var other = KeyPair.Create();
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var impostor = await LinkedSilo.StartAsync(_cluster.IdentityOf(1, keys: other));

        var dialled = await zero.Log.LineAsync("The certificate of replica 1 at");
        Assert.Contains(other.PublicKey.Fingerprint, dialled, StringComparison.Ordinal);
        Assert.Contains($"the cluster file has {_cluster.Keys[1].PublicKey.Fingerprint}", dialled, StringComparison.Ordinal);
        await impostor.Log.LineAsync("ended before anything was asked: it does not accept");

        Assert.Contains("(Key)", await zero.Log.LineAsync("Refused a link from replica 1"), StringComparison.Ordinal);
        await impostor.Log.LineAsync("does not accept the key of this silo: it has another one for replica 1");
        Assert.Equal((0, 0), (zero.Links.Open, impostor.Links.Open));
        zero.Links.Send(new(1), new byte[] { 1 });
        Assert.False(impostor.TryNext(out _));
    }

    [Fact]
    public async Task A_peer_of_another_cluster_is_refused_on_both_sides()
    {
        var other = new Membership(_cluster.Membership.Replicas, Digest.Of("other options"u8));
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var stranger = await LinkedSilo.StartAsync(_cluster.IdentityOf(1, membership: other));

        foreach (var silo in new[] { zero, stranger })
        {
            Assert.Contains("(Cluster)", await silo.Log.LineAsync("Refused a link"), StringComparison.Ordinal);
            await silo.Log.LineAsync("is of another cluster: its keys, service or options are not this silo's");
        }

        Assert.Contains("another cluster", zero.Links.GetStatus().Single(static link => link.Peer == 1).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-60, -1, "Expired", "expired at", "says that the certificate of this silo has expired")]
    [InlineData(1, 60, "NotYetValid", "is valid from", "says that the certificate of this silo is not valid yet")]
    public async Task A_certificate_out_of_date_is_refused_on_both_sides(int from, int to, string reason, string said, string told)
    {
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var late = await LinkedSilo.StartAsync(_cluster.IdentityOf(1, days: (from, to)));

        Assert.Contains(said, await zero.Log.LineAsync("The certificate of replica 1 at"), StringComparison.Ordinal);
        Assert.Contains($"({reason})", await zero.Log.LineAsync("Refused a link from replica 1"), StringComparison.Ordinal);
        await late.Log.LineAsync(told);
        await late.Log.LineAsync("ended before anything was asked: it does not accept");
    }

    /// <summary>However often a peer comes back, the log has it once; the counter has every time.</summary>
    [Fact]
    public async Task Refusals_do_not_flood_the_log()
    {
        var other = new Membership(_cluster.Membership.Replicas, Digest.Of("other options"u8));
        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));
        await using var stranger = await LinkedSilo.StartAsync(_cluster.IdentityOf(1, membership: other));

        await zero.Counted.Reach("pbft.link.connections.refused/Cluster", 10);

        Assert.Equal(1, zero.Log.CountOf("Refused a link"));
        Assert.Equal(1, stranger.Log.CountOf("is of another cluster: its keys, service or options are not this silo's"));
    }

    [Fact]
    public async Task A_peer_of_an_old_version_is_refused_with_a_reason()
    {
        var self = _cluster.IdentityOf(0);
        await using var zero = await LinkedSilo.StartAsync(self);
        var old = await Assert.ThrowsAsync<WebSocketException>(() => LinkedSilo.DialAsync(self, _cluster.IdentityOf(1).Certificate, subprotocol: "orleans-pbft.replica.v0"));

        Assert.NotNull(old);
        Assert.Contains("(Version)", await zero.Log.LineAsync("Refused a link from replica 1"), StringComparison.Ordinal);
        Assert.Equal(1, zero.Counted["pbft.link.connections.refused/Version"]);
    }

    /// <summary>A silo that does not know this version's path, or that says so, is an old one to the dialling side.</summary>
    [Theory]
    [InlineData(null, "answers 404 to GET /pbft/v1/replica: it is no silo of OrleansPbft, or one of another version")]
    [InlineData("Version", "speaks no version of the protocol that this silo does (orleans-pbft.replica.v1)")]
    [InlineData("<script>\n", "answers 400 to GET /pbft/v1/replica")]
    public async Task A_silo_of_an_old_version_is_told_from_one_that_is_away(string? reason, string expected)
    {
        var self = _cluster.IdentityOf(1);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, self.Addresses[1].Port, listen => listen.UsePbftTls(self.Certificate)));
        await using var old = builder.Build();
        old.Run(context =>
        {
            context.Response.StatusCode = reason is null ? 404 : 400;
            if (reason is not null) context.Response.Headers[ReplicaProtocol.RefusedHeader] = Uri.EscapeDataString(reason);
            return Task.CompletedTask;
        });
        await old.StartAsync(TestContext.Current.CancellationToken);

        await using var zero = await LinkedSilo.StartAsync(_cluster.IdentityOf(0));

        await zero.Log.LineAsync(expected);
    }

    [Theory]
    [InlineData("cluster=CLUSTER&from=2&to=0", true, "Key")] // replica 1's certificate, another one's name
    [InlineData("cluster=CLUSTER&from=1&to=0", false, "NoCertificate")]
    [InlineData("cluster=CLUSTER&from=1&to=3", true, "Replica")]
    [InlineData("cluster=CLUSTER&from=0&to=0", true, "Replica")] // this silo's own
    [InlineData("cluster=CLUSTER&from=4&to=0", true, "Replica")]
    [InlineData("cluster=CLUSTER&from=+1&to=0", true, "Replica")]
    [InlineData("cluster=CLUSTER", true, "Replica")]
    [InlineData("from=1&to=0", true, "Cluster")]
    [InlineData("cluster=00000000000000000000000000000000&from=1&to=0", true, "Cluster")]
    public async Task A_greeting_that_is_not_a_peers_is_refused_with_its_reason(string query, bool showsCertificate, string reason)
    {
        var self = _cluster.IdentityOf(0);
        await using var zero = await LinkedSilo.StartAsync(self);
        var certificate = showsCertificate ? _cluster.IdentityOf(1).Certificate : null;

        await Assert.ThrowsAsync<WebSocketException>(() => LinkedSilo.DialAsync(
            self, certificate, query: query.Replace("CLUSTER", _cluster.Membership.Id.ToString(), StringComparison.Ordinal)));

        Assert.Equal(1, zero.Counted[$"pbft.link.connections.refused/{reason}"]);
        Assert.Contains($"({reason})", await zero.Log.LineAsync("Refused a link"), StringComparison.Ordinal);
    }

    public void Dispose() => _cluster.Dispose();
}
