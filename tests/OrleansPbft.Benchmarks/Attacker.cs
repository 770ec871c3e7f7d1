using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Links;
using OrleansPbft.Services;

namespace OrleansPbft.Benchmarks;

/// <summary>A client, or a peer, that does what no correct one does, as fast as it can. What it sends is made before it begins: its own work shall not be measured.</summary>
internal sealed class Attacker(ClusterInfo cluster, Uri clientPort, X509Certificate2? certificate)
{
    private const int Prepared = 20_000;
    private const int PerMessage = 64;

    private readonly WireLimits _limits = new(cluster.Options);

    /// <summary>Bytes that are nothing.</summary>
    public Func<CancellationToken, Task> Garbage()
    {
        var bytes = new byte[64 << 10];
        new Random(1).NextBytes(bytes);
        return stop => AgainAsync(clientPort, LinkFrame.Subprotocol, [bytes], stop);
    }

    /// <summary>Requests whose signatures are none.</summary>
    public Func<CancellationToken, Task> Signatures(KeyPair key)
    {
        var sealer = new ClientSealer(cluster.Id, key, _limits);
        var envelopes = Enumerable.Range(1, 512).Select(i =>
        {
            var envelope = sealer.SealOpenSession(i).Envelope.ToArray();
            envelope[^1] ^= 1;
            return (ReadOnlyMemory<byte>)envelope;
        });
        var messages = Pack(envelopes, to: 0);
        return stop => AgainAsync(clientPort, LinkFrame.Subprotocol, messages, stop);
    }

    /// <summary>Valid requests, each another, at full speed; then all of them again.</summary>
    public async Task<Func<CancellationToken, Task>> RequestsAsync(KeyPair key)
    {
        var sealer = new ClientSealer(cluster.Id, key, _limits);
        var session = await OpenSessionAsync(sealer);
        var put = KeyValueOperation.Put("flood", new byte[16]);
        var messages = Pack(Enumerable.Range(1, Prepared).Select(i => sealer.SealRequest(session, i, [put]).Envelope), to: 0);
        return stop => AgainAsync(clientPort, LinkFrame.Subprotocol, messages, stop);
    }

    /// <summary>One session after another is opened.</summary>
    public Func<CancellationToken, Task> Sessions(KeyPair key)
    {
        var sealer = new ClientSealer(cluster.Id, key, _limits);
        var messages = Pack(Enumerable.Range(1, Prepared).Select(i => sealer.SealOpenSession(i).Envelope), to: 0);
        return stop => AgainAsync(clientPort, LinkFrame.Subprotocol, messages, stop);
    }

    /// <summary>A peer's link, in this replica's name: garbage, bad signatures, or true votes that nobody needs.</summary>
    /// <param name="what"><c>garbage</c>, <c>signatures</c> or <c>votes</c>.</param>
    /// <param name="key">The replica's.</param>
    /// <param name="self">The replica.</param>
    /// <param name="addresses">Of all replicas.</param>
    public Func<CancellationToken, Task> Peer(string what, KeyPair key, ReplicaId self, IReadOnlyList<ReplicaAddress> addresses)
    {
        var sealer = new ReplicaSealer(cluster.Id, self, key);
        var envelopes = Enumerable.Range(1, what == "votes" ? Prepared : 512).Select(i =>
        {
            var envelope = sealer.Seal(new Vote(VotePhase.Prepare, View.Initial, new(1 + (i % 100)), Digest.Of(BitConverter.GetBytes(i)), self));
            if (what == "signatures") envelope[^1] ^= 1;
            return (ReadOnlyMemory<byte>)envelope;
        }).ToArray();
        return stop => Task.WhenAll(addresses.Select((address, to) =>
        {
            if (to == self.Index) return Task.CompletedTask;
            var link = new Uri($"wss://{address}{ReplicaLinkExtensions.Path}?cluster={cluster.Id}&from={self.Index}&to={to}");
            var messages = what == "garbage" ? [new byte[64 << 10]] : Pack(envelopes, to);
            return AgainAsync(link, "orleans-pbft.replica.v1", messages, stop);
        }));
    }

    private static byte[][] Pack(IEnumerable<ReadOnlyMemory<byte>> envelopes, int to) => [.. envelopes.Chunk(PerMessage).Select(chunk =>
    {
        var message = new byte[chunk.Sum(static envelope => LinkFrame.BytesOf(envelope.Length))];
        var writer = new WireWriter(message);
        foreach (var envelope in chunk) LinkFrame.Write(ref writer, new(to), envelope.Span);
        return message;
    })];

    /// <summary>Sends messages again and again; parted with, it connects again at once.</summary>
    private async Task AgainAsync(Uri address, string subprotocol, byte[][] messages, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await ConnectAsync(address, subprotocol, stop);
                var reading = DrainAsync(socket, stop);
                for (var i = 0; !stop.IsCancellationRequested && socket.State == WebSocketState.Open; i++)
                {
                    await socket.SendAsync(messages[i % messages.Length], WebSocketMessageType.Binary, endOfMessage: true, stop);
                }

                socket.Abort();
                await reading;
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                await Task.Delay(1, CancellationToken.None); // parted with, or refused: at once again
            }
        }
    }

    private static async Task DrainAsync(ClientWebSocket socket, CancellationToken stop)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), stop)).MessageType != WebSocketMessageType.Close)
            {
                // What is answered is of no interest.
            }

            socket.Abort();
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The sender finds out too.
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(Uri address, string subprotocol, CancellationToken stop)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(subprotocol);
        if (address.Scheme != "wss")
        {
            await socket.ConnectAsync(address, stop);
            return socket;
        }

        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null, // an attacker does not mind whom it talks to
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        await socket.ConnectAsync(address, invoker, stop);
        return socket;
    }

    private async Task<SessionId> OpenSessionAsync(ClientSealer sealer)
    {
        var opener = new EnvelopeOpener(cluster.Membership, cluster.Options, new SignatureVerifier(new()));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var socket = await ConnectAsync(clientPort, LinkFrame.Subprotocol, patience.Token);
        var opening = sealer.SealOpenSession(Random.Shared.NextInt64(1, long.MaxValue)).Envelope;
        await socket.SendAsync(Pack([opening], to: 0)[0], WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
        var buffer = new byte[1 << 20];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            if (First(buffer.AsMemory(0, received.Count)) is { Status: ReplyStatus.SessionOpened } opened) return opened.Session;
        }

        Reply? First(ReadOnlyMemory<byte> message)
        {
            var frames = new WireReader(message);
            return LinkFrame.TryRead(ref frames, _limits.Replicas, _limits.EnvelopeBytesMax, out _, out var envelope) == RejectReason.None
                && opener.TryOpen(envelope.ToArray(), out var input) == RejectReason.None && input.Kind == InputKind.Reply ? input.Reply : null;
        }
    }
}
