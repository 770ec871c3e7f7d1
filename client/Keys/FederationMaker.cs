using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Keys;

/// <summary>Makes the keys of a federation, and a folder for each who takes part: what is private in one folder is in no other.</summary>
internal static class FederationMaker
{
    /// <summary>Certificates are valid a while before they are made: clocks differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    /// <summary>Makes all.</summary>
    /// <exception cref="IOException">The folder is not empty, or can not be written.</exception>
    public static VerbResult Make(FederationPlan plan, DateTimeOffset now)
    {
        var root = plan.Folder.FullName;
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
        {
            throw new IOException($"{plan.Folder} is there already and not empty: keys are never overwritten. Name another folder with --out, or move this one away.");
        }

        var keys = plan.Addresses.Select(static _ => KeyPair.Create()).ToArray();
        var apiKeys = plan.Addresses.Select(static _ => KeyPair.Create()).ToArray();
        using var clientKey = KeyPair.Create();
        try
        {
            var file = new ClusterFile([.. keys.Select(static key => key.PublicKey)], plan.Addresses, plan.Service, plan.Options, plan.Access);
            var list = ListOf([.. apiKeys.Select(static (key, id) => new ListedClient(key.PublicKey, ApiName(id))), new(clientKey.PublicKey, plan.Client)]);
            CreatePrivate(root);
            WritePublic(Path.Combine(root, ConfigFolder.Cluster), file.ToJson());
            WritePublic(Path.Combine(root, ConfigFolder.Clients), list);
            for (var id = 0; id < keys.Length; id++) WriteReplica(plan, file, list, id, keys[id], apiKeys[id], now);
            WriteClient(Path.Combine(root, plan.Client), clientKey, file);
            return Describe(plan, file);
        }
        finally
        {
            foreach (var key in keys.Concat(apiKeys)) key.Dispose();
        }
    }

    /// <summary>Makes a client's folder with a new key.</summary>
    /// <param name="folder">The folder; made when it does not exist.</param>
    /// <param name="name">What the client is called.</param>
    /// <param name="cluster">The cluster it is for; null when it gets the file another way.</param>
    /// <exception cref="IOException">There is a key in the folder already.</exception>
    public static VerbResult MakeClient(DirectoryInfo folder, string name, ClusterFile? cluster)
    {
        using var key = KeyPair.Create();
        WriteClient(folder.FullName, key, cluster);
        var line = new ListedClient(key.PublicKey, name).ToString();
        var json = new JsonObject
        {
            ["folder"] = folder.FullName,
            ["name"] = name,
            ["publicKey"] = key.PublicKey.ToString(),
            ["client"] = key.PublicKey.ClientId.ToString(),
            ["line"] = line,
        };
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            made {Path.Combine(folder.ToString(), ConfigFolder.ClientKey)}, the private key of the client {name}: it stays with them
            In the access mode Listed, every replica's {ConfigFolder.Clients} must have this line before the client is served; the silos read it when they start:
            {line}
            """);
        if (cluster is null) text.Append(CultureInfo.InvariantCulture, $"\nThe folder needs the cluster's {ConfigFolder.Cluster} beside it.");
        return VerbResult.Done(text.ToString(), json);
    }

    /// <summary>Makes a new certificate in a replica's folder, with the key that is there.</summary>
    public static VerbResult Renew(DirectoryInfo folder, TimeSpan validFor, DateTimeOffset now)
    {
        using var key = KeyFile.Load(Path.Combine(folder.FullName, ConfigFolder.ReplicaKey));
        var file = ClusterFile.Load(Path.Combine(folder.FullName, ConfigFolder.Cluster));
        if (!file.Membership.TryFind(key.PublicKey, out var id))
        {
            throw new InvalidDataException($"The key in {folder} is of no replica in its {ConfigFolder.Cluster}: one of the two files is of another cluster.");
        }

        using var certificate = ReplicaCertificate.Create(key, id, file.Membership.Id, now - ClockSkew, now + validFor);
        var path = Path.Combine(folder.FullName, ConfigFolder.Certificate);
        ReplicaCertificate.Save(path, certificate, replaces: true);
        var json = new JsonObject { ["file"] = path, ["replica"] = id.Index, ["validTo"] = certificate.NotAfter.ToUniversalTime() };
        var until = certificate.NotAfter.ToUniversalTime();
        return VerbResult.Done($"renewed {path}: valid to {until:yyyy-MM-dd}. Restart the silo of replica {id.Index}; nobody else needs to be told.", json);
    }

    private static string ApiName(int replica) => string.Create(CultureInfo.InvariantCulture, $"replica-{replica}");

    private static string ListOf(ListedClient[] clients) =>
        "# The clients that are served in the access mode Listed: public key, name. The same at all replicas.\n"
        + string.Concat(clients.Select(static client => $"{client}\n"));

    private static void WriteReplica(FederationPlan plan, ClusterFile file, string list, int id, KeyPair key, KeyPair apiKey, DateTimeOffset now)
    {
        var folder = Path.Combine(plan.Folder.FullName, ApiName(id));
        CreatePrivate(folder);
        KeyFile.Save(Path.Combine(folder, ConfigFolder.ReplicaKey), key);
        KeyFile.Save(Path.Combine(folder, ConfigFolder.ClientKey), apiKey);
        using var certificate = ReplicaCertificate.Create(key, new(id), file.Membership.Id, now - ClockSkew, now + plan.ValidFor);
        ReplicaCertificate.Save(Path.Combine(folder, ConfigFolder.Certificate), certificate);
        WritePublic(Path.Combine(folder, ConfigFolder.Cluster), file.ToJson());
        WritePublic(Path.Combine(folder, ConfigFolder.Clients), list);
        var settings = new JsonObject
        {
            ["Urls"] = $"http://127.0.0.1:{plan.HttpPort + id}",
            ["Pbft"] = new JsonObject { ["JournalDirectory"] = "journal", ["Links"] = new JsonObject { ["Listen"] = ListenOn(file.Addresses[id]).ToString() } },
        };
        WritePublic(Path.Combine(folder, ConfigFolder.Settings), settings.ToJsonString(VerbResult.Indented) + "\n");
    }

    /// <summary>A replica that others reach on loopback listens there; any other listens everywhere, for its address may be translated on the way.</summary>
    private static ReplicaAddress ListenOn(ReplicaAddress address)
    {
        if (string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase)) return address with { Host = "127.0.0.1" };
        if (!IPAddress.TryParse(address.Host, out var ip)) return address with { Host = "0.0.0.0" };
        return IPAddress.IsLoopback(ip) ? address : address with { Host = ip.AddressFamily == AddressFamily.InterNetworkV6 ? "::" : "0.0.0.0" };
    }

    private static void WriteClient(string folder, KeyPair key, ClusterFile? cluster)
    {
        CreatePrivate(folder);
        KeyFile.Save(Path.Combine(folder, ConfigFolder.ClientKey), key);
        if (cluster is not null) WritePublic(Path.Combine(folder, ConfigFolder.Cluster), cluster.ToJson());
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void WritePublic(string path, string text)
    {
        using var writer = new StreamWriter(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        writer.Write(text);
    }

    private static VerbResult Describe(FederationPlan plan, ClusterFile file)
    {
        var size = file.Membership.Cluster;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            cluster {file.Membership.Id}: n = {size.Replicas}, f = {size.MaxFaulty}; {VerbResult.Printable(file.Service)}; access {file.Access}; {file.Options.Authentication}

            {plan.Folder}/{ConfigFolder.Cluster} is public: who the replicas are. Everybody has the same.

            """);
        var json = new JsonObject { ["cluster"] = file.Membership.Id.ToString(), ["n"] = size.Replicas, ["folder"] = plan.Folder.FullName };
        var replicas = new JsonArray();
        for (var id = 0; id < size.Replicas; id++)
        {
            var fingerprint = file.Membership.Replicas[id].Fingerprint;
            text.Append(CultureInfo.InvariantCulture, $"{plan.Folder}/{ApiName(id)}/  replica {id} at {file.Addresses[id]}, key {fingerprint}\n");
            replicas.Add((JsonNode)new JsonObject { ["id"] = id, ["folder"] = ApiName(id), ["address"] = file.Addresses[id].ToString(), ["fingerprint"] = fingerprint });
        }

        json["replicas"] = replicas;
        json["client"] = plan.Client;
        text.Append(CultureInfo.InvariantCulture, $"""
            {plan.Folder}/{plan.Client}/  a first client

            Give each folder to its organisation, over a way that nobody else reads, and delete it here: it holds private keys.
            Each starts its silo with: dotnet run --project silo -- --config {plan.Folder}/{ApiName(0)}
            A client asks with: dotnet run --project client -- --config {plan.Folder}/{plan.Client} status
            """);
        return VerbResult.Done(text.ToString(), json);
    }
}
