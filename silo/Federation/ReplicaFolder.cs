using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Federation;

/// <summary>The folder of one organisation of a federation, read and checked: its keys, its certificate, and what is public.</summary>
internal sealed class ReplicaFolder
{
    private ReplicaFolder(string path, ClusterFile file, ReplicaId replica, KeyPair keys, KeyPair clientKeys, X509Certificate2 certificate, ClientAccess access)
    {
        Path = path;
        File = file;
        Replica = replica;
        Keys = keys;
        ClientKeys = clientKeys;
        Certificate = certificate;
        Access = access;
    }

    public string Path { get; }

    public ClusterFile File { get; }

    /// <summary>The replica that the folder has the key of.</summary>
    public ReplicaId Replica { get; }

    public KeyPair Keys { get; }

    /// <summary>What the silo's own clients, those behind the HTTP API, sign with.</summary>
    public KeyPair ClientKeys { get; }

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    public ClientAccess Access { get; }

    /// <summary>Reads a folder; null, and every problem, when it is not as it should be.</summary>
    public static ReplicaFolder? Load(string path, int? expected, DateTimeOffset now, List<string> problems)
    {
        var before = problems.Count;
        if (!Directory.Exists(path))
        {
            problems.Add($"--config ('{path}'): there is no such folder. 'dotnet run --project client -- keys init' makes one for each organisation.");
            return null;
        }

        var file = Try(ConfigFolder.Cluster, ClusterFile.Load);
        var keys = Try(ConfigFolder.ReplicaKey, KeyFile.Load);
        var clientKeys = Try(ConfigFolder.ClientKey, KeyFile.Load);
        var certificate = Try(ConfigFolder.Certificate, ReplicaCertificate.Load);
        var clients = file is { Access: AccessMode.Listed } ? Try(ConfigFolder.Clients, static list => (ImmutableArray<ListedClient>?)ClientList.Load(list)) : [];
        if (problems.Count > before) return null;

        if (!file!.Membership.TryFind(keys!.PublicKey, out var replica))
        {
            problems.Add($"The key in {path} is of no replica in its {ConfigFolder.Cluster}: one of the two files is of another cluster.");
            return null;
        }

        if (expected is { } id && id != replica.Index)
        {
            problems.Add($"--replica {id}: the key in {path} is that of replica {replica.Index}. Leave --replica out, or give the folder of replica {id}.");
        }

        var problem = ReplicaCertificate.FindProblem(certificate, keys.PublicKey, now);
        if (problem != CertificateProblem.None)
        {
            problems.Add($"{System.IO.Path.Combine(path, ConfigFolder.Certificate)}: {ReplicaCertificate.Describe(problem, certificate, "this silo", keys.PublicKey)} "
                + $"A new one: dotnet run --project client -- keys renew {path}");
        }

        if (problems.Count > before) return null;
        using (certificate)
        {
            var access = file.Access == AccessMode.Open ? ClientAccess.Open : ClientAccess.Listed(clients!.Value.Select(static client => client.Key.ClientId));
            return new(path, file, replica, keys, clientKeys!, ReplicaCertificate.WithKey(certificate!, keys), access);
        }

        T? Try<T>(string name, Func<string, T> load)
        {
            try
            {
                return load(System.IO.Path.Combine(path, name));
            }
            catch (Exception e) when (e is IOException or InvalidDataException or CryptographicException or UnauthorizedAccessException)
            {
                problems.Add(e.Message);
                return default;
            }
        }
    }

    /// <summary>Where the journal is, unless it is said: beside the keys.</summary>
    private const string JournalName = "journal";

    /// <summary>A relative path, taken from the folder: a silo may be started from anywhere.</summary>
    public string PathOf(string path) => System.IO.Path.GetFullPath(path, System.IO.Path.GetFullPath(Path));

    /// <summary>Lays a federation's defaults and the folder's settings over the program's, and what the cluster file says over everything.</summary>
    /// <param name="configuration">The program's file, the environment and the command line.</param>
    /// <param name="problems">Takes a sentence for each setting that contradicts the cluster file.</param>
    public void Configure(ConfigurationManager configuration, List<string> problems)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var settings = new JsonConfigurationSource
        {
            Path = ConfigFolder.Settings,
            FileProvider = new PhysicalFileProvider(System.IO.Path.GetFullPath(Path)),
            Optional = true,
        };
        var defaults = new MemoryConfigurationSource
        {
            InitialData = [new(KeyOf(nameof(PbftOptions.Durability)), nameof(Durability.Sync)), new(KeyOf(nameof(PbftOptions.JournalDirectory)), JournalName)], // D-1
        };
        var place = 1 + sources.ToList().FindLastIndex(static source => source is JsonConfigurationSource);
        sources.Insert(place, defaults);
        sources.Insert(place + 1, settings);

        var values = ClusterParameters.ValuesOf(File.Options);
        Dictionary<string, string?> shared = new(StringComparer.OrdinalIgnoreCase)
        {
            [KeyOf(nameof(PbftOptions.Replicas))] = Text(File.Membership.Cluster.Replicas),
            [KeyOf(nameof(PbftOptions.Service))] = File.Service,
            [KeyOf(nameof(PbftOptions.Authentication))] = File.Options.Authentication.ToString(),
        };
        for (var i = 0; i < values.Length; i++) shared.Add(KeyOf(ClusterParameters.Names[i]), Text(values[i]));
        foreach (var provider in ((IConfigurationRoot)configuration).Providers)
        {
            var isOfOperator = provider is CommandLineConfigurationProvider or EnvironmentVariablesConfigurationProvider
                || (provider is JsonConfigurationProvider json && ReferenceEquals(json.Source, settings));
            if (!isOfOperator) continue;
            foreach (var (key, value) in shared)
            {
                if (!provider.TryGet(key, out var other) || other == value) continue;
                problems.Add($"{key} ('{other}') must be equal at all replicas, and the cluster file says '{value}'. Leave it out here.");
            }
        }

        configuration.AddInMemoryCollection(shared);

        static string KeyOf(string name) => $"{PbftOptions.Section}:{name}";
        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
