using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Who the replicas of a federation are, where they listen, and what all must do alike: a public JSON file that people exchange.</summary>
/// <remarks>
/// The keys, the service and the options make the cluster's id, so a file in which any of them was changed is refused, and two replicas
/// whose files differ in them are of different clusters. Addresses and the access mode are not part of it: they may change, and nobody
/// who changes them can pass for a replica. There is no fingerprint of a certificate in it: a replica's certificate is made with its own
/// key, and that key is here (docs/adr).
/// </remarks>
public sealed class ClusterFile
{
    private const int Version = 1;
    private const int ServiceLengthMax = 256;
    private const int FileBytesMax = 1 << 20;

    /// <summary>Describes a federation.</summary>
    /// <param name="keys">The public key of each replica, in the order of their ids.</param>
    /// <param name="addresses">Where each listens, in the same order.</param>
    /// <param name="service">The name of the replicated service.</param>
    /// <param name="options">The parameters of the cluster (<see cref="ClusterParameters"/>); all else in it is ignored.</param>
    /// <param name="access">Which clients are served.</param>
    /// <exception cref="ArgumentException">This is no cluster; the message says why.</exception>
    public ClusterFile(ImmutableArray<PublicKey> keys, ImmutableArray<ReplicaAddress> addresses, string service, ProtocolOptions options, AccessMode access)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (FindProblem(keys.AsSpan(), addresses.AsSpan(), service, options) is { } problem) throw new ArgumentException(problem, nameof(keys));
        Options = ClusterParameters.OptionsOf(new(keys.Length), ClusterParameters.ValuesOf(options).AsSpan(), options.Authentication);
        Membership = new(keys, ClusterParameters.DigestOf(service, Options));
        Addresses = addresses;
        Service = service;
        Access = access;
    }

    /// <summary>The replicas' keys, and the cluster's id.</summary>
    public Membership Membership { get; }

    /// <summary>Where each replica listens, in the order of their ids.</summary>
    public ImmutableArray<ReplicaAddress> Addresses { get; }

    /// <summary>The name of the replicated service.</summary>
    public string Service { get; }

    /// <summary>n, and the cluster's parameters; all others have their defaults and mean nothing here.</summary>
    public ProtocolOptions Options { get; }

    /// <summary>Which clients are served.</summary>
    public AccessMode Access { get; }

    /// <summary>The file's text.</summary>
    public string ToJson()
    {
        var values = ClusterParameters.ValuesOf(Options);
        var content = new ClusterFileContent
        {
            Version = Version,
            Id = Membership.Id.ToString(),
            Service = Service,
            Access = Access.ToString(),
            Authentication = Options.Authentication.ToString(),
            Options = ClusterParameters.Names.Select((name, i) => KeyValuePair.Create(name, values[i])).ToDictionary(StringComparer.Ordinal),
            Replicas = [.. Membership.Replicas.Select((key, id) => new ClusterFileReplica { Id = id, Address = Addresses[id].ToString(), PublicKey = key.ToString() })],
        };
        return JsonSerializer.Serialize(content, ClusterFileJson.Default.ClusterFileContent) + "\n";
    }

    /// <summary>Reads a file that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not that, or contradicts itself; the message names the file and says how.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static ClusterFile Load(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > FileBytesMax) throw new InvalidDataException($"The file {path} is too long to be a cluster file.");
        using var reader = new StreamReader(stream);
        return TryParse(reader.ReadToEnd(), out var file, out var problem) ? file : throw new InvalidDataException($"{path}: {problem}");
    }

    /// <summary>Reads what <see cref="ToJson"/> writes. False, and a sentence that says why, when it is not that or contradicts itself.</summary>
    public static bool TryParse(string json, [NotNullWhen(true)] out ClusterFile? file, [NotNullWhen(false)] out string? problem)
    {
        file = null;
        ClusterFileContent? content;
        try
        {
            content = JsonSerializer.Deserialize(json, ClusterFileJson.Default.ClusterFileContent);
        }
        catch (JsonException e)
        {
            problem = $"The cluster file is not as it should be: {e.Message}";
            return false;
        }

        if (content is null)
        {
            problem = "The cluster file is empty.";
            return false;
        }

        problem = Read(content, out file);
        return problem is null;
    }

    private static string? Read(ClusterFileContent content, out ClusterFile? file)
    {
        file = null;
        if (content.Version != Version) return $"The cluster file has version {content.Version}; this program reads version {Version}.";
        var n = content.Replicas.Length;
        var keys = new PublicKey[n];
        var addresses = new ReplicaAddress[n];
        for (var i = 0; i < n; i++)
        {
            var replica = content.Replicas[i];
            if (replica is null || replica.Id != i) return $"The replicas must be listed in the order of their ids: place {i} is not replica {i}.";
            if (!PublicKey.TryParse(replica.PublicKey, out keys[i])) return $"The key of replica {i} is not 128 hexadecimal digits.";
            if (!ReplicaAddress.TryParse(replica.Address, out addresses[i])) return $"The address of replica {i} ('{replica.Address}') must be host:port, as example.org:7000.";
        }

        if (!Enum.TryParse<AccessMode>(content.Access, ignoreCase: true, out var access) || !Enum.IsDefined(access))
        {
            return $"The access mode ('{content.Access}') must be one of {string.Join(", ", Enum.GetNames<AccessMode>())}.";
        }

        var mode = content.Authentication ?? nameof(AuthenticationMode.Signatures);
        if (!Enum.TryParse<AuthenticationMode>(mode, ignoreCase: true, out var authentication) || !Enum.IsDefined(authentication))
        {
            return $"The mode of authentication ('{content.Authentication}') must be one of {string.Join(", ", Enum.GetNames<AuthenticationMode>())}.";
        }

        var values = new int[ClusterParameters.Names.Length];
        foreach (var name in content.Options.Keys)
        {
            if (!ClusterParameters.Names.Contains(name)) return $"'{name}' is no option of a cluster file. There are {string.Join(", ", ClusterParameters.Names)}.";
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!content.Options.TryGetValue(ClusterParameters.Names[i], out values[i])) return $"The cluster file does not say what {ClusterParameters.Names[i]} is.";
        }

        if (Membership.FindProblem(keys) is { } wrongKeys) return wrongKeys;
        var options = ClusterParameters.OptionsOf(new(n), values, authentication);
        if (FindProblem(keys, addresses, content.Service, options) is { } problem) return problem;
        var read = new ClusterFile([.. keys], [.. addresses], content.Service, options, access);
        if (read.Membership.Id.ToString() != content.Id)
        {
            return $"The cluster file says it describes the cluster {content.Id}, but its keys, service, options and mode of authentication are those of {read.Membership.Id}.";
        }

        file = read;
        return null;
    }

    private static string? FindProblem(ReadOnlySpan<PublicKey> keys, ReadOnlySpan<ReplicaAddress> addresses, string service, ProtocolOptions options)
    {
        if (Membership.FindProblem(keys) is { } problem) return problem;
        if (addresses.Length != keys.Length) return $"There are {keys.Length} keys, but {addresses.Length} addresses.";
        for (var i = 0; i < addresses.Length; i++)
        {
            if (addresses[..i].Contains(addresses[i])) return $"Replica {i} has the same address as another ({addresses[i]}).";
        }

        if (service.Length is 0 or > ServiceLengthMax || service.Any(char.IsControl)) return $"The service's name must have 1 to {ServiceLengthMax} letters.";
        return options.Problems() is { Count: > 0 } problems ? string.Join(' ', problems) : null;
    }
}

/// <summary>The JSON object of a cluster file.</summary>
internal sealed class ClusterFileContent
{
    public required int Version { get; init; }

    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Access { get; init; }

    /// <summary>Null in files from before there was a choice: Signatures.</summary>
    public string? Authentication { get; init; }

    public required Dictionary<string, int> Options { get; init; }

    public required ClusterFileReplica[] Replicas { get; init; }
}

/// <summary>One replica in a cluster file.</summary>
internal sealed class ClusterFileReplica
{
    public required int Id { get; init; }

    public required string Address { get; init; }

    public required string PublicKey { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ClusterFileContent))]
internal sealed partial class ClusterFileJson : JsonSerializerContext;
