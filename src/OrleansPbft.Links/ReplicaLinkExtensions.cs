using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace OrleansPbft.Links;

/// <summary>Puts the links of a replica into a host.</summary>
public static class ReplicaLinkExtensions
{
    /// <summary>Where a silo serves its peers.</summary>
    public const string Path = ReplicaProtocol.Path;

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds the links. The host supplies a <see cref="LinkIdentity"/> and an <see cref="IPeerInbox"/>, serves TLS
    /// (<see cref="UsePbftTls"/>), and maps them (<see cref="MapPbftReplicaLinks"/>).</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">How links behave.</param>
    public static IServiceCollection AddPbftReplicaLinks(this IServiceCollection services, Action<ReplicaLinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null) services.Configure(configure);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ReplicaLinks>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, HandshakeLog.Filter>());
        services.AddHostedService(static provider => provider.GetRequiredService<ReplicaLinks>());
        return services;
    }

    /// <summary>Serves the peers' links.</summary>
    public static IEndpointConventionBuilder MapPbftReplicaLinks(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var links = endpoints.ServiceProvider.GetRequiredService<ReplicaLinks>();
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(links.HandleAsync);
        return endpoints.Map(ReplicaProtocol.Path, pipeline.Build());
    }

    /// <summary>Makes an endpoint what peers and clients expect: TLS 1.3 with this replica's certificate. Whoever shows a certificate proves to have its
    /// key; whose key that may be is the links' to decide, and clients show none. Handshakes that come to nothing are logged, within bounds.</summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="certificate">This replica's, with its key. Owned by the host.</param>
    /// <param name="strangersMax">How many connections there may be beside those of peers, which have a few places each that nobody else can take.</param>
    public static ListenOptions UsePbftTls(this ListenOptions listen, X509Certificate2 certificate, int strangersMax = 2048)
    {
        ArgumentNullException.ThrowIfNull(listen);
        var services = listen.ApplicationServices;
        var handshakes = new HandshakeLog(services.GetService<TimeProvider>() ?? TimeProvider.System, services.GetRequiredService<ILogger<ReplicaLinks>>());
        var guard = new ConnectionGuard(strangersMax, () => services.GetService<LinkIdentity>()?.Membership);
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(handshakes.Around);
        listen.Use(guard.AroundHandshake);
        listen.UseHttps(https => Pin(https, certificate));
        listen.Use(guard.AfterHandshake);
        return listen;
    }

    private static void Pin(HttpsConnectionAdapterOptions https, X509Certificate2 certificate)
    {
        https.ServerCertificate = certificate;
        https.SslProtocols = SslProtocols.Tls13;
        https.CheckCertificateRevocation = false;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = static (_, _, _) => true;
        https.HandshakeTimeout = HandshakeTimeout;
        https.OnAuthenticate = static (_, tls) =>
        {
            tls.AllowTlsResume = false; // each connection shows its certificate
            tls.AllowRenegotiation = false;
        };
    }
}
