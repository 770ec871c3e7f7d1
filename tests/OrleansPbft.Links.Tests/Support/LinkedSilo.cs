using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>The links of one replica on a real Kestrel with TLS. What comes in is kept for the test.</summary>
internal sealed class LinkedSilo : IPeerInbox, IAsyncDisposable
{
    private readonly Channel<(ReplicaId From, byte[] Envelope, string? Trace)> _received = Channel.CreateUnbounded<(ReplicaId, byte[], string?)>();
    private readonly WebApplication _app;
    private volatile bool _isFull;

    private LinkedSilo(LinkIdentity self, Action<ReplicaLinkOptions>? configure, int strangersMax)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(Log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, self.Addresses[self.Replica.Index].Port, listen => listen.UsePbftTls(self.Certificate, strangersMax)));
        builder.Services.AddSingleton(self);
        builder.Services.AddSingleton<IPeerInbox>(this);
        builder.Services.AddPbftReplicaLinks(configure);
        _app = builder.Build();
        _app.MapPbftReplicaLinks();
        Counted = new(_app.Services.GetRequiredService<IMeterFactory>());
    }

    public CapturedLog Log { get; } = new();

    public CountedMeasurements Counted { get; }

    public ReplicaLinks Links => _app.Services.GetRequiredService<ReplicaLinks>();

    /// <summary>Of whom what waited was to be dropped.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<ReplicaId> Forgotten { get; } = [];

    /// <summary>Whether the replica has no room for what peers send.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    public static async Task<LinkedSilo> StartAsync(LinkIdentity self, Action<ReplicaLinkOptions>? configure = null, int strangersMax = 2048)
    {
        var silo = new LinkedSilo(self, options =>
        {
            options.ReconnectAfter = TimeSpan.FromMilliseconds(20);
            options.ReconnectAfterMax = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        }, strangersMax);
        await silo._app.StartAsync(TestContext.Current.CancellationToken).InTime();
        return silo;
    }

    /// <summary>A raw link from a peer, for what a true one never does.</summary>
    public static async Task<ClientWebSocket> DialAsync(
        LinkIdentity silo, X509Certificate2? certificate, int from = 1, string? query = null, string subprotocol = ReplicaProtocol.Subprotocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol(subprotocol);
        silo.Membership.TryGetKey(silo.Replica, out var pin);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    ReplicaCertificate.FindProblem(shown as X509Certificate2, pin, DateTimeOffset.UtcNow) == CertificateProblem.None,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        var address = $"wss://{silo.Addresses[silo.Replica.Index]}{ReplicaProtocol.Path}?{query ?? $"cluster={silo.Membership.Id}&from={from}&to={silo.Replica.Index}"}";
        await socket.ConnectAsync(new(address), invoker, TestContext.Current.CancellationToken).InTime();
        return socket;
    }

    public bool HasRoom(ReplicaId from) => !_isFull;

    public void Forget(ReplicaId from) => Forgotten.Enqueue(from);

    public void Deliver(ReplicaId from, ReadOnlyMemory<byte> envelope, string? traceParent) => _received.Writer.TryWrite((from, envelope.ToArray(), traceParent));

    public Task<(ReplicaId From, byte[] Envelope, string? Trace)> NextAsync() => _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTime();

    public bool TryNext(out byte[] envelope)
    {
        var any = _received.Reader.TryRead(out var next);
        envelope = next.Envelope;
        return any;
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None).InTime();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Counted.Dispose();
    }
}
