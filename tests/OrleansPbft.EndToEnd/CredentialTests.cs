using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Cryptography;
using PublicKey = OrleansPbft.Cryptography.PublicKey;

namespace OrleansPbft.EndToEnd;

/// <summary>Wrong keys and certificates out of date, between real processes: whoever has them is refused, both sides say why, and the others go on (DESIGN 9, A-5).</summary>
public sealed class CredentialTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_with_another_key_is_refused_by_all_and_both_sides_say_why()
    {
        await using var federation = await Federation.CreateAsync();
        using var stranger = KeyPair.Create();
        ReplaceKey(federation, 2, stranger);

        await using (var refused = federation.BeginAnother(2))
        {
            Assert.Equal(2, await refused.ExitAsync());
            Assert.Contains("is of no replica in its cluster.json", refused.Errors, StringComparison.Ordinal);
        }

        await WriteFileAsync(federation, 2, keys => keys[2] = stranger.PublicKey);
        Assert.Equal(0, (await Federation.RunAsync("keys", "renew", federation.PathOf("replica-2"))).ExitCode);
        await federation.StartAllAsync();

        await federation[2].SaidAsync("replica 0", "is of another cluster", "Compare the cluster.json of both");
        await federation[0].SaidAsync("Refused a link from replica 2", "(Cluster)");
        await federation[0].SaidAsync("The certificate of replica 2", "but the cluster file has");
        await federation[2].SaidAsync("ended before anything was asked");
        var put = await federation.AskAsync("put", "without", "two");
        Assert.True(put.ExitCode == 0, put.Output);
    }

    /// <summary>It says it is replica 2 of the right cluster, and can not prove it.</summary>
    [Fact]
    public async Task A_stranger_who_calls_himself_a_replica_is_refused()
    {
        await using var federation = await Federation.StartAsync(without: [1, 2, 3]);
        using var stranger = KeyPair.Create();
        using var certificate = ReplicaCertificate.Create(
            stranger, new(2), federation.File.Membership.Id, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        foreach (var (own, reason) in ((X509Certificate2?, string)[])[(certificate, "Key"), (null, "NoCertificate")])
        {
            using var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol("orleans-pbft.replica.v1");
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
            if (own is not null) socket.Options.ClientCertificates.Add(own);
            var address = new Uri($"wss://{federation.File.Addresses[0]}/pbft/v1/replica?cluster={federation.File.Membership.Id}&from=2&to=0");

            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, Cancelled));

            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
            await federation[0].SaidAsync("Refused a link from replica 2", $"({reason})");
        }
    }

    /// <summary>To a silo whose clock is an hour ahead, a certificate that ends in half an hour has expired: it is refused there, both sides say so, and
    /// nobody else minds. With a new certificate it is taken back.</summary>
    [Fact]
    public async Task An_expired_certificate_is_refused_said_on_both_sides_and_mended_by_a_new_one()
    {
        await using var federation = await Federation.CreateAsync(keys: Federation.SmallWindow, settings: Federation.Quick);
        SaveCertificate(federation, 2, DateTimeOffset.UtcNow.AddMinutes(30));
        await federation.StartAllAsync(without: 3);
        await federation.StartAsync(3, "--Pbft:FaultInjection:Enabled=true", "--Pbft:FaultInjection:ClockOffset=01:00:00");

        await federation[3].SaidAsync("Refused a link from replica 2", "(Expired)");
        await federation[2].SaidAsync("replica 3", "says that the certificate of this silo has expired", "keys renew");
        await federation[3].SaidAsync("The certificate of replica 2", "expired at");
        await using var load = federation.BeginLoad(clients: 2);
        await load.GoesOnAsync(60);

        await federation.KillAsync(2);
        SaveCertificate(federation, 2, DateTimeOffset.UtcNow.AddMinutes(-1));
        await using (var expired = federation.BeginAnother(2))
        {
            Assert.Equal(2, await expired.ExitAsync());
            Assert.Contains($"client -- keys renew {federation.PathOf("replica-2")}", expired.Errors, StringComparison.Ordinal);
        }

        var (exitCode, said) = await Federation.RunAsync("keys", "renew", federation.PathOf("replica-2"));
        Assert.True(exitCode == 0, said);
        await federation.StartAsync(2);

        await federation[3].SaidAsync("The link from replica 2 is open");
        await load.GoesOnAsync();
        await federation.CaughtUpAsync(3);
        await federation.EndAsync(load);
    }

    private static void ReplaceKey(Federation federation, int replica, KeyPair keys)
    {
        var path = federation.PathOf($"replica-{replica}", ConfigFolder.ReplicaKey);
        File.Delete(path);
        KeyFile.Save(path, keys);
    }

    private static void SaveCertificate(Federation federation, int replica, DateTimeOffset to)
    {
        using var keys = KeyFile.Load(federation.PathOf($"replica-{replica}", ConfigFolder.ReplicaKey));
        using var certificate = ReplicaCertificate.Create(keys, new(replica), federation.File.Membership.Id, DateTimeOffset.UtcNow.AddDays(-1), to);
        ReplicaCertificate.Save(federation.PathOf($"replica-{replica}", ConfigFolder.Certificate), certificate, replaces: true);
    }

    private static Task WriteFileAsync(Federation federation, int replica, Action<PublicKey[]> change)
    {
        PublicKey[] keys = [.. federation.File.Membership.Replicas];
        change(keys);
        var file = new ClusterFile([.. keys], federation.File.Addresses, federation.File.Service, federation.File.Options, federation.File.Access);
        return File.WriteAllTextAsync(federation.PathOf($"replica-{replica}", ConfigFolder.Cluster), file.ToJson(), Cancelled);
    }
}
