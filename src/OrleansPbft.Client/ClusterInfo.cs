using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>What a client must know of a cluster: who its replicas are, and what it takes. The answer of <c>GET /v1/cluster</c>, checked.</summary>
/// <remarks>Whoever fetches it trusts the silo that answers for who the replicas are. To trust nobody, keep it in a file
/// (<see cref="LoadAsync"/>) that came another way.</remarks>
public sealed class ClusterInfo
{
    /// <summary>Where a silo serves it.</summary>
    public const string Path = "/v1/cluster";

    /// <summary>Describes a cluster.</summary>
    /// <param name="membership">Who the replicas are.</param>
    /// <param name="options">The cluster's; what clients need of them is kept.</param>
    /// <param name="service">The name of the replicated service.</param>
    public ClusterInfo(Membership membership, ProtocolOptions options, string service)
    {
        ArgumentNullException.ThrowIfNull(membership);
        ArgumentNullException.ThrowIfNull(options);
        Membership = membership;
        Service = service;
        Options = new()
        {
            Cluster = membership.Cluster,
            Authentication = options.Authentication,
            SessionWindow = options.SessionWindow,
            RequestBytesMax = options.RequestBytesMax,
            ResultBytesMax = options.ResultBytesMax,
            OperationsMax = options.OperationsMax,
            BatchBytesMax = Math.Max(options.BatchBytesMax, options.RequestBytesMax),
        };
    }

    /// <summary>Who the replicas are.</summary>
    public Membership Membership { get; }

    /// <summary>The cluster's id: part of every signature (rule A-1).</summary>
    public ClusterId Id => Membership.Id;

    /// <summary>n and its thresholds.</summary>
    public ClusterSize Cluster => Membership.Cluster;

    /// <summary>The name of the replicated service.</summary>
    public string Service { get; }

    /// <summary>The options that concern clients: session window and limits. The rest are defaults and mean nothing here.</summary>
    public ProtocolOptions Options { get; }

    /// <summary>The document that <c>GET /v1/cluster</c> answers with.</summary>
    public ClusterDocument ToDocument() => new()
    {
        ClusterId = Id.ToString(),
        N = Cluster.Replicas,
        F = Cluster.MaxFaulty,
        Quorum = Cluster.Quorum,
        Service = Service,
        SessionWindow = Options.SessionWindow,
        RequestBytesMax = Options.RequestBytesMax,
        ResultBytesMax = Options.ResultBytesMax,
        OperationsMax = Options.OperationsMax,
        Authentication = Options.Authentication.ToString(),
        Parameters = Membership.Parameters.ToHex(),
        Replicas = [.. Membership.Replicas.Select(static (key, id) => new ReplicaDocument { Id = id, PublicKey = key.ToString() })],
    };

    /// <summary>The document as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(ToDocument(), ClusterDocumentJson.Default.ClusterDocument);

    /// <summary>Checks a document; false, and a sentence that says why, when it contradicts itself.</summary>
    public static bool TryCreate(ClusterDocument document, [NotNullWhen(true)] out ClusterInfo? cluster, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(document);
        cluster = null;
        problem = null;
        if (document.N != document.Replicas.Length)
        {
            problem = $"It says that n is {document.N}, but names {document.Replicas.Length} replicas.";
            return false;
        }

        var keys = new PublicKey[document.N];
        for (var i = 0; i < keys.Length; i++)
        {
            if (document.Replicas[i] is { } replica && replica.Id == i && PublicKey.TryParse(replica.PublicKey, out keys[i])) continue;
            problem = $"Replica {i} is missing, out of order, or its key is not 64 bytes in base64.";
            return false;
        }

        problem = Membership.FindProblem(keys);
        if (problem is not null) return false;

        var parameters = Digest.Zero;
        if (document.Parameters is { } hex && !TryReadDigest(hex, out parameters))
        {
            problem = "The parameters are not the 64 hexadecimal digits of a digest.";
            return false;
        }

        var mode = document.Authentication ?? nameof(AuthenticationMode.Signatures);
        if (!Enum.TryParse<AuthenticationMode>(mode, ignoreCase: true, out var authentication) || !Enum.IsDefined(authentication))
        {
            problem = $"The mode of authentication ('{document.Authentication}') is none of {string.Join(", ", Enum.GetNames<AuthenticationMode>())}.";
            return false;
        }

        var membership = new Membership(ImmutableArray.Create(keys), parameters);
        if (membership.Id.ToString() != document.ClusterId)
        {
            problem = $"It says it describes the cluster {document.ClusterId}, but its keys and parameters are those of {membership.Id}.";
            return false;
        }

        var options = new ProtocolOptions
        {
            Cluster = membership.Cluster,
            Authentication = authentication,
            SessionWindow = document.SessionWindow,
            RequestBytesMax = document.RequestBytesMax,
            ResultBytesMax = document.ResultBytesMax,
            OperationsMax = document.OperationsMax,
            BatchBytesMax = Math.Clamp(document.RequestBytesMax, 1 << 20, 128 << 20),
            SessionReplyBytesMax = 256 << 20, // the most there can be: clients are not told
            PendingBytesMax = int.MaxValue,
        };
        problem = options.Problems() is { Count: > 0 } problems ? string.Join(' ', problems) : null;
        if (problem is not null) return false;

        cluster = new(membership, options, document.Service);
        return true;
    }

    /// <summary>Reads the JSON of <c>GET /v1/cluster</c>; false, and a sentence that says why, when it is not that.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ClusterInfo? cluster, [NotNullWhen(false)] out string? problem)
    {
        cluster = null;
        try
        {
            if (JsonSerializer.Deserialize(json, ClusterDocumentJson.Default.ClusterDocument) is { } document)
            {
                return TryCreate(document, out cluster, out problem);
            }

            problem = "It is null.";
        }
        catch (JsonException e)
        {
            problem = e.Message;
        }

        return false;
    }

    /// <summary>Reads what was saved of <c>GET /v1/cluster</c>: keys that were checked once and are pinned since.</summary>
    /// <exception cref="InvalidDataException">The file is not that, or contradicts itself.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static async Task<ClusterInfo> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        var json = await File.ReadAllBytesAsync(path, cancellationToken);
        return TryParse(json, out var cluster, out var problem)
            ? cluster
            : throw new InvalidDataException($"The file {path} does not describe a cluster: {problem}");
    }

    /// <summary>Asks a silo which cluster it serves.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with a cluster; in one sentence, with what to do.</exception>
    public static async Task<ClusterInfo> FetchAsync(Uri endpoint, CancellationToken cancellationToken = default)
    {
        var json = await SiloHttp.GetAsync(endpoint, Path, cancellationToken);
        return TryParse(json, out var cluster, out var problem)
            ? cluster
            : throw new PbftConnectionException($"What {endpoint} answers to GET {Path} does not describe a cluster: {problem}", false);
    }

    private static bool TryReadDigest(string hex, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        var ok = hex.Length == 2 * Digest.Bytes
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        digest = ok ? new(bytes) : default;
        return ok;
    }
}
