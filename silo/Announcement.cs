using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Silo.Api;

namespace OrleansPbft.Silo;

/// <summary>What a silo prints when it serves: who it is, and every address.</summary>
internal static class Announcement
{
    public static string Of(PbftCluster cluster, IReadOnlyList<string> addresses)
    {
        var size = cluster.Options.Cluster;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            OrleansPbft {SiloHost.Version} on {SiloRuntime.Name}
              cluster      {cluster.Id}
              replicas     n = {size.Replicas}, f = {size.MaxFaulty}, quorum = {size.Quorum}
              service      {cluster.Service}; its state is in memory only and ends with this process

            """);
        foreach (var address in addresses)
        {
            var host = new UriBuilder(address) { Scheme = "ws" };
            text.Append(CultureInfo.InvariantCulture, $"""
                  HTTP API     {address}/v1/status
                  OpenAPI      {address}{HttpApi.OpenApiPath}
                  health       {address}{HttpApi.LivePath}  {address}{HttpApi.ReadyPath}
                  client port  {host.Uri.GetLeftPart(UriPartial.Authority)}{LinkFrame.ClientPath}

                """);
        }

        text.AppendLine("Serving. Ctrl-C stops. Try: dotnet run --project client -- put greeting hello");
        return text.ToString();
    }
}
