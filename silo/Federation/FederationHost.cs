using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains;
using OrleansPbft.Grains.Network;
using OrleansPbft.Links;
using OrleansPbft.Silo.Api;
using OrleansPbft.Telemetry;

namespace OrleansPbft.Silo.Federation;

/// <summary>Makes a host the silo of one organisation (shape S3): one replica, links to its peers, and the same port for clients.</summary>
internal static class FederationHost
{
    /// <summary>Adds what stands in the place of a local cluster; before <c>AddPbft</c>, which adds the rest.</summary>
    public static void AddFederation(this WebApplicationBuilder builder, ReplicaFolder folder, Settings settings)
    {
        var services = builder.Services;
        services.AddSingleton(TelemetryResource.OfReplica(folder.Replica.Index, folder.File.Membership.Id.ToString()));
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<PbftOptions>>().Value;
            return PbftCluster.CreateMember(folder.File.Membership, folder.Keys, options.ToProtocolOptions(), options.Service, folder.Access);
        });
        services.AddSingleton(provider => new LinkIdentity(
            folder.Replica, folder.File.Membership, folder.File.Addresses, folder.Certificate, provider.GetRequiredService<PbftCluster>().Opener.Limits));
        services.AddSingleton<IPeerInbox>(provider => new PeerInbox(folder.Replica, provider));
        services.AddSingleton<IPeers, FederationPeers>();
        services.AddSingleton(provider => new ClusterConnection(
            folder.File, folder.ClientKeys, verifier: provider.GetRequiredService<PbftCluster>().Verifier, time: provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new RemoteCluster(provider.GetRequiredService<ClusterConnection>(), folder.ClientKeys));
        services.AddPbftReplicaLinks(settings.BindLinks);
        services.PostConfigure<PbftOptions>(options =>
        {
            if (options.JournalDirectory.Trim().Length > 0) options.JournalDirectory = folder.PathOf(options.JournalDirectory);
        });

        // Where TLS has to be set up by code, all addresses have to be; and only by code, or the server warns of the others. An empty list would be
        // no list: the server would look for it elsewhere.
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(WebHostDefaults.ServerUrlsKey, (string?)";")]);
        var listen = settings.Listen ?? folder.File.Addresses[folder.Replica.Index];
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var url in settings.Urls) Listen(kestrel, new(url.IdnHost, url.Port), static _ => { });
            Listen(kestrel, listen, endpoint => endpoint.UsePbftTls(folder.Certificate, settings.Http.ConnectionsMax));
        });

        // A limit of the whole server would let strangers take the places of peers, and of the operator.
        services.PostConfigure<KestrelServerOptions>(static kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        });
    }

    /// <summary>Keeps strangers to what is theirs: over TLS there are links, the client port, and where this replica stands; all else is the operator's.</summary>
    public static void UseFederation(this WebApplication app, ReplicaFolder folder)
    {
        var status = new PathString($"/v1/replicas/{folder.Replica.Index}");
        var asked = new StatusForOthers();
        app.Use((context, next) =>
        {
            var path = context.Request.Path;
            if (context.Request.IsHttps)
            {
                if (path == LinkFrame.ClientPath || path == ReplicaLinkExtensions.Path) return next(context);
                return path == status && HttpMethods.IsGet(context.Request.Method)
                    ? asked.ServeAsync(context, next)
                    : ProblemMapper.WriteAsync(context, StatusCodes.Status404NotFound, "not-found", "There is nothing here for others.");
            }

            return path != LinkFrame.ClientPath
                ? next(context)
                : ProblemMapper.WriteAsync(
                    context,
                    StatusCodes.Status409Conflict,
                    "federation",
                    "This silo holds one replica of a federation, whose word alone is not enough. Ask all of them: --config and a client's folder.");
        });
        app.MapPbftReplicaLinks();
    }

    private static void Listen(KestrelServerOptions kestrel, ReplicaAddress address, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(address.Host, out var ip)) kestrel.Listen(ip, address.Port, configure);
        else if (string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase)) kestrel.ListenLocalhost(address.Port, configure);
        else kestrel.ListenAnyIP(address.Port, configure);
    }

    /// <summary>Answers strangers where the replica stands, a few at a time: to ask costs them less than to answer costs the replica.</summary>
    private sealed class StatusForOthers
    {
        private const int AtOnceMax = 8;

        private int _atOnce;

        public async Task ServeAsync(HttpContext context, RequestDelegate next)
        {
            try
            {
                if (Interlocked.Increment(ref _atOnce) <= AtOnceMax) await next(context);
                else await ProblemMapper.WriteAsync(context, StatusCodes.Status429TooManyRequests, "busy", "Too many ask where this replica stands. Try again later.");
            }
            finally
            {
                Interlocked.Decrement(ref _atOnce);
            }
        }
    }
}
