using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/faults</c>: what is wrong on purpose in the whole cluster.</summary>
public sealed record FaultsDocument
{
    /// <summary>Where a silo serves it.</summary>
    public const string Path = "/v1/faults";

    /// <summary>How many replicas are faulty on purpose.</summary>
    public required int Faulty { get; init; }

    /// <summary>f: how many may be.</summary>
    public required int Tolerated { get; init; }

    /// <summary>What to say when more than f are; null while they are not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Warning { get; init; }

    /// <summary>The replicas in the order of their ids.</summary>
    public required FaultDocument[] Replicas { get; init; }

    /// <summary>The modes there are, as they are written.</summary>
    public required string[] Modes { get; init; }

    /// <summary>Asks a silo which replicas are faulty on purpose.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">Faults on purpose are not enabled there.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<FaultsDocument> FetchAsync(Uri endpoint, CancellationToken cancellationToken = default)
    {
        var json = await SiloHttp.AskAsync(HttpMethod.Get, endpoint, Path, null, cancellationToken);
        return SiloHttp.Read(json, FaultJson.Default.FaultsDocument, endpoint, Path);
    }
}
