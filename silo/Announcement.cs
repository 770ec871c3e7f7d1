using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Links;
using OrleansPbft.Silo.Api;

namespace OrleansPbft.Silo;

/// <summary>What a silo prints when it serves: who it is, and every address.</summary>
internal static class Announcement
{
    public static string Of(IServiceProvider services, IReadOnlyList<string> addresses)
    {
        var cluster = services.GetRequiredService<PbftCluster>();
        var options = services.GetRequiredService<IOptions<PbftOptions>>().Value;
        var settings = services.GetRequiredService<Settings>();
        var self = services.GetService<LinkIdentity>();
        var size = cluster.Options.Cluster;
        var kept = options.Durability == Durability.None ? "its state is in memory only and ends with this process" : $"journals in {Path.GetFullPath(options.JournalDirectory)}";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            OrleansPbft {SiloHost.Version} on {SiloRuntime.Name}
              cluster      {cluster.Id}
              replicas     n = {size.Replicas}, f = {size.MaxFaulty}, quorum = {size.Quorum}
              service      {cluster.Service}; {kept}

            """);
        if (self is not null) text.Append(CultureInfo.InvariantCulture, $"  replica      {self.Replica.Index}, known to others at {self.Addresses[self.Replica.Index]}\n");
        foreach (var address in addresses)
        {
            if (self is not null && address.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"  links        {address}  for peers and clients, TLS 1.3\n");
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"""
                  dashboard    {address}/
                  HTTP API     {address}/v1/status
                  OpenAPI      {address}{HttpApi.OpenApiPath}
                  health       {address}{HttpApi.LivePath}  {address}{HttpApi.ReadyPath}

                """);
            if (self is null) text.Append(CultureInfo.InvariantCulture, $"  client port  ws://{new Uri(address).Authority}{LinkFrame.ClientPath}\n");
        }

        if (!settings.ListensOnLoopback && settings.Http.Token.Length == 0)
        {
            text.AppendLine("  writes       refused over HTTP: the API is reached from elsewhere, and Pbft:Http:Token is not set");
        }

        text.AppendLine(self is null
            ? "Serving. Ctrl-C stops. Try: dotnet run --project client -- put greeting hello"
            : "Serving. Ctrl-C stops. Clients ask all replicas: dotnet run --project client -- --config cluster/client put greeting hello");
        return text.ToString();
    }
}
