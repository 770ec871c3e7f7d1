using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Keys;

/// <summary>What the files of a federation are, for people who compare fingerprints. Never a private part.</summary>
internal static class KeyDescription
{
    /// <summary>Describes a file, or all files of a folder that are known.</summary>
    /// <exception cref="FileNotFoundException">There is nothing there that this program knows.</exception>
    public static VerbResult Describe(string path, DateTimeOffset now)
    {
        string[] files = Directory.Exists(path)
            ? [.. Known.Select(name => Path.Combine(path, name)).Where(File.Exists)]
            : File.Exists(path) ? [path] : [];
        if (files.Length == 0)
        {
            throw new FileNotFoundException(
                $"There is nothing at {path} that can be shown: a PEM file, a {ConfigFolder.Cluster}, a {ConfigFolder.Clients}, or a folder with some of them.");
        }

        var membership = FindCluster(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!);
        var text = new StringBuilder();
        var json = new JsonArray();
        foreach (var file in files)
        {
            var (what, details) = DescribeFile(file, membership, now);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{file}: {what}\n");
            details["file"] = file;
            details["is"] = what;
            json.Add((JsonNode)details);
        }

        return VerbResult.Done(text.ToString().TrimEnd(), new() { ["files"] = json });
    }

    private static string[] Known => [ConfigFolder.Cluster, ConfigFolder.ReplicaKey, ConfigFolder.Certificate, ConfigFolder.ClientKey, ConfigFolder.Clients];

    private static Membership? FindCluster(string folder)
    {
        var path = Path.Combine(folder, ConfigFolder.Cluster);
        return File.Exists(path) ? ClusterFile.Load(path).Membership : null;
    }

    private static (string What, JsonObject Details) DescribeFile(string path, Membership? membership, DateTimeOffset now)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return DescribeCluster(ClusterFile.Load(path));
        if (path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)) return DescribeList(path);
        var isCertificate = File.ReadLines(path).Take(64).Any(static line => line.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal));
        return isCertificate ? DescribeCertificate(path, membership, now) : DescribePrivateKey(path, membership);
    }

    private static (string What, JsonObject Details) DescribeCluster(ClusterFile file)
    {
        var replicas = file.Membership.Replicas.Select((key, id) => $"\n  replica {id} at {file.Addresses[id]}, key {key.Fingerprint}");
        return (
            $"cluster {file.Membership.Id}, n = {file.Membership.Cluster.Replicas}; {VerbResult.Printable(file.Service)}; "
            + $"access {file.Access}; {file.Options.Authentication}{string.Concat(replicas)}",
            new() { ["cluster"] = file.Membership.Id.ToString(), ["fingerprints"] = new JsonArray([.. file.Membership.Replicas.Select(static key => (JsonNode)key.Fingerprint)]) });
    }

    private static (string What, JsonObject Details) DescribeList(string path)
    {
        var clients = ClientList.Load(path);
        return (
            $"a list of {clients.Length} clients{string.Concat(clients.Select(static client => $"\n  {client.Key.Fingerprint} {client.Name}"))}",
            new() { ["clients"] = new JsonArray([.. clients.Select(static client => (JsonNode)new JsonObject { ["client"] = client.Key.Fingerprint, ["name"] = client.Name })]) });
    }

    private static (string What, JsonObject Details) DescribeCertificate(string path, Membership? membership, DateTimeOffset now)
    {
        using var certificate = ReplicaCertificate.Load(path);
        if (!ReplicaCertificate.TryReadKey(certificate, out var key)) throw new CryptographicException($"The certificate {path} is of no P-256 key: no replica has it.");
        var problem = ReplicaCertificate.FindProblem(certificate, key, now);
        var validity = problem switch
        {
            CertificateProblem.Expired => "EXPIRED",
            CertificateProblem.NotYetValid => "NOT YET VALID",
            _ => "valid",
        };
        return (
            $"a certificate{HolderOf(key, membership)}, key {key.Fingerprint}; {validity}, "
            + $"from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}",
            new() { ["fingerprint"] = key.Fingerprint, ["publicKey"] = key.ToString(), ["validity"] = validity, ["validTo"] = certificate.NotAfter.ToUniversalTime() });
    }

    private static (string What, JsonObject Details) DescribePrivateKey(string path, Membership? membership)
    {
        using var keys = KeyFile.Load(path);
        var key = keys.PublicKey;
        return (
            $"a private key{HolderOf(key, membership)}; only its owner can read it. Public key {key}, fingerprint {key.Fingerprint}",
            new() { ["fingerprint"] = key.Fingerprint, ["publicKey"] = key.ToString() });
    }

    private static string HolderOf(PublicKey key, Membership? membership) =>
        membership is null ? "" : membership.TryFind(key, out var id) ? $" of replica {id.Index}" : " of a client, or of another cluster";
}
