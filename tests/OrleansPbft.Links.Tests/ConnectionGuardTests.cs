using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace OrleansPbft.Links.Tests;

/// <summary>N-8: strangers who take all the connections there are leave those of peers.</summary>
public sealed class ConnectionGuardTests : IDisposable
{
    private readonly LinkedCluster _cluster = new();
    private readonly List<IDisposable> _open = [];

    /// <summary>Strangers have so many places, and one more is parted with; a peer has its own all the same.</summary>
    [Fact]
    public async Task Strangers_take_no_place_of_a_peer()
    {
        var self = _cluster.IdentityOf(0);
        await using var zero = await LinkedSilo.StartAsync(self, strangersMax: 3);
        for (var i = 0; i < 3; i++) Assert.False(await IsPartedWithAsync(await StrangerAsync(self)));

        Assert.True(await IsPartedWithAsync(await StrangerAsync(self)));
        using var link = await LinkedSilo.DialAsync(self, _cluster.IdentityOf(1).Certificate);

        await PortUnderTest.SendAsync(link, PortUnderTest.Frame(new byte[] { 5 }));
        Assert.Equal([5], (await zero.NextAsync()).Envelope);
    }

    /// <summary>Handshakes that are begun and not ended keep nobody out: the oldest goes.</summary>
    [Fact]
    public async Task Handshakes_that_never_end_keep_no_peer_out()
    {
        var self = _cluster.IdentityOf(0);
        await using var zero = await LinkedSilo.StartAsync(self);
        var first = await ConnectAsync(self);
        for (var i = 0; i < ConnectionGuard.HandshakesMax; i++) await ConnectAsync(self);

        Assert.True(await IsPartedWithAsync(first.GetStream()));
        using var link = await LinkedSilo.DialAsync(self, _cluster.IdentityOf(1).Certificate);

        await PortUnderTest.SendAsync(link, PortUnderTest.Frame(new byte[] { 5 }));
        Assert.Equal([5], (await zero.NextAsync()).Envelope);
    }

    /// <summary>A peer has a few places of its own, and no more.</summary>
    [Fact]
    public async Task A_peer_has_no_more_than_a_few_connections()
    {
        var self = _cluster.IdentityOf(0);
        await using var zero = await LinkedSilo.StartAsync(self);
        for (var i = 0; i < ConnectionGuard.PerPeerMax; i++) Assert.False(await IsPartedWithAsync(await StrangerAsync(self, certificateOf: 1)));

        Assert.True(await IsPartedWithAsync(await StrangerAsync(self, certificateOf: 1)));
        Assert.False(await IsPartedWithAsync(await StrangerAsync(self, certificateOf: 2)));
    }

    public void Dispose()
    {
        foreach (var connection in _open) connection.Dispose();
        _cluster.Dispose();
    }

    private async Task<TcpClient> ConnectAsync(LinkIdentity silo)
    {
        var client = new TcpClient();
        _open.Add(client);
        await client.ConnectAsync("127.0.0.1", silo.Addresses[silo.Replica.Index].Port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>A connection over TLS on which nothing is asked.</summary>
    private async Task<SslStream> StrangerAsync(LinkIdentity silo, int? certificateOf = null)
    {
        var stream = new SslStream((await ConnectAsync(silo)).GetStream(), leaveInnerStreamOpen: false);
        _open.Add(stream);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "silo",
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                ClientCertificateContext = certificateOf is { } peer ? SslStreamCertificateContext.Create(_cluster.IdentityOf(peer).Certificate, null, offline: true) : null,
            },
            TestContext.Current.CancellationToken);
        return stream;
    }

    /// <summary>Whether the silo ends the connection; else it answers what is asked over it, if only with a refusal.</summary>
    private static async Task<bool> IsPartedWithAsync(Stream stream)
    {
        try
        {
            if (stream is SslStream) await stream.WriteAsync("GET /nothing HTTP/1.1\r\nHost: silo\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            return await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
