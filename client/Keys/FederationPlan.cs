using System.Collections.Immutable;
using System.Globalization;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Keys;

/// <summary>What 'keys init' is asked for, checked before anything is written.</summary>
internal sealed record FederationPlan
{
    /// <summary>The port of the first silo's HTTP API, unless it is said.</summary>
    public const int DefaultHttpPort = 5080;

    /// <summary>Where the folders go.</summary>
    public required DirectoryInfo Folder { get; init; }

    /// <summary>Where each replica listens; as many as there are replicas.</summary>
    public required ImmutableArray<ReplicaAddress> Addresses { get; init; }

    /// <summary>The port of the first silo's HTTP API, on loopback; the others follow.</summary>
    public required int HttpPort { get; init; }

    public required string Service { get; init; }

    public required AccessMode Access { get; init; }

    /// <summary>The cluster's parameters.</summary>
    public required ProtocolOptions Options { get; init; }

    /// <summary>How long the certificates are valid.</summary>
    public required TimeSpan ValidFor { get; init; }

    /// <summary>The name of the first client.</summary>
    public required string Client { get; init; }

    /// <summary>Where the replicas listen: as the addresses say, or on one host from a port upwards.</summary>
    /// <exception cref="UsageException">This can not be.</exception>
    public static ImmutableArray<ReplicaAddress> AddressesOf(int replicas, string[] addresses, string host, int port)
    {
        if (replicas is not (1 or (>= 4 and <= ClusterSize.ReplicasMax)))
        {
            throw new UsageException($"A cluster has 4 to {ClusterSize.ReplicasMax} replicas, or 1 for development; not {replicas}.");
        }

        if (addresses.Length > 0 && addresses.Length != replicas)
        {
            throw new UsageException($"Give --address once for each of the {replicas} replicas, in the order of their ids, or not at all; it was given {addresses.Length} times.");
        }

        if (addresses.Length == 0) addresses = [.. Enumerable.Range(port, replicas).Select(p => $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{p}")];
        return [.. addresses.Select(static address => ReplicaAddress.TryParse(address, out var read)
            ? read
            : throw new UsageException($"'{address}' is no address of a replica. Write it as example.org:7000."))];
    }

    /// <summary>The cluster's parameters: the defaults, with what is set in place of them.</summary>
    /// <param name="replicas">n.</param>
    /// <param name="settings">As <c>LogWindow=512</c>.</param>
    /// <param name="authentication">The mode of authentication.</param>
    /// <exception cref="UsageException">There is no such parameter, or they contradict each other.</exception>
    public static ProtocolOptions OptionsOf(int replicas, string[] settings, AuthenticationMode authentication)
    {
        var cluster = new ClusterSize(replicas);
        int[] values = [.. ClusterParameters.ValuesOf(new() { Cluster = cluster })];
        foreach (var setting in settings)
        {
            var words = setting.Split('=');
            var place = ClusterParameters.Names.IndexOf(words[0]);
            if (words.Length != 2 || place < 0 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out values[place]))
            {
                throw new UsageException($"'{setting}' is no option of a cluster. Write --option LogWindow=512; there are {string.Join(", ", ClusterParameters.Names)}.");
            }
        }

        var options = ClusterParameters.OptionsOf(cluster, values, authentication);
        return options.Problems() is { Count: > 0 } problems ? throw new UsageException(string.Join(' ', problems)) : options;
    }
}
