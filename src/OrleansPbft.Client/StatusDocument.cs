using System.Text.Json;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/status</c>: where every replica that the silo knows of stands. For people; nothing may depend on it.</summary>
public sealed record StatusDocument
{
    /// <summary>Where a silo serves it.</summary>
    public const string Path = "/v1/status";

    /// <summary>The cluster's id in 32 hexadecimal digits.</summary>
    public required string ClusterId { get; init; }

    /// <summary>n.</summary>
    public required int N { get; init; }

    /// <summary>f.</summary>
    public required int F { get; init; }

    /// <summary>q.</summary>
    public required int Quorum { get; init; }

    /// <summary>The name of the replicated service.</summary>
    public required string Service { get; init; }

    /// <summary>v: the highest view that f + 1 replicas have reached, so that one that lies about its own can not move it.</summary>
    public required long View { get; init; }

    /// <summary>The primary of v.</summary>
    public required int Primary { get; init; }

    /// <summary>Another one each time the silo is started, so that who follows it knows that what it said before is over; null where several silos were asked.</summary>
    public string? BootId { get; init; }

    /// <summary>Whether replicas can be made faulty on purpose there.</summary>
    public bool FaultInjection { get; init; }

    /// <summary>How many seconds a backup waits for a request to be executed before it suspects the primary.</summary>
    public double RequestTimeoutSeconds { get; init; }

    /// <summary>How many seconds a replica waits, at first, for a new view to begin.</summary>
    public double ViewChangeTimeoutSeconds { get; init; }

    /// <summary>The replicas in the order of their ids.</summary>
    public required ReplicaStatusDocument[] Replicas { get; init; }

    /// <summary>Asks a silo where the replicas stand.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with a status.</exception>
    public static async Task<StatusDocument> FetchAsync(Uri endpoint, CancellationToken cancellationToken = default)
    {
        var json = await SiloHttp.GetAsync(endpoint, Path, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(json, StatusJson.Default.StatusDocument) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new PbftConnectionException($"What {endpoint} answers to GET {Path} is no status: {e.Message}", false, e);
        }
    }

    /// <summary>Asks every replica of a federation, at its own silo, where it stands.</summary>
    /// <param name="file">Who the replicas are, and where they listen.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftConnectionException">None of them answers.</exception>
    public static Task<StatusDocument> FetchAsync(ClusterFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return FederationStatus.FetchAsync(file, TimeProvider.System, cancellationToken);
    }
}
