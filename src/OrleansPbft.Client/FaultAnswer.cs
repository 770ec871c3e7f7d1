using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>The JSON that answers when a replica is made faulty or healed: how things are now.</summary>
public sealed record FaultAnswer
{
    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>What it does now; null when it is healed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Mode { get; init; }

    /// <summary>How many replicas are faulty on purpose now.</summary>
    public required int Faulty { get; init; }

    /// <summary>f: how many may be.</summary>
    public required int Tolerated { get; init; }

    /// <summary>What to say when more than f are; null while they are not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Warning { get; init; }

    /// <summary>Makes a replica faulty on purpose, or heals it.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="replica">i.</param>
    /// <param name="mode">What it is to do wrong, as in <see cref="FaultRequest.Mode"/>; null heals it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">Faults on purpose are not enabled there (403), there is no such replica (404), or no such mode (400).</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static Task<FaultAnswer> SetAsync(Uri endpoint, int replica, string? mode, CancellationToken cancellationToken = default) =>
        SetAsync(endpoint, replica, mode, null, cancellationToken);

    /// <summary>Makes a replica faulty on purpose, or heals it, at a silo that wants its token for that.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="replica">i.</param>
    /// <param name="mode">What it is to do wrong, as in <see cref="FaultRequest.Mode"/>; null heals it.</param>
    /// <param name="token">The silo's token (<c>Pbft:Http:Token</c>); null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">
    /// The token is wrong (401), faults on purpose are not enabled there (403), there is no such replica (404), or no such mode (400).
    /// </exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with this.</exception>
    public static async Task<FaultAnswer> SetAsync(Uri endpoint, int replica, string? mode, string? token, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/replicas/{replica}/fault");
        var json = mode is null ? null : JsonSerializer.SerializeToUtf8Bytes(new() { Mode = mode }, FaultJson.Default.FaultRequest);
        var answer = await SiloHttp.AskAsync(mode is null ? HttpMethod.Delete : HttpMethod.Post, endpoint, path, json, token, cancellationToken);
        return SiloHttp.Read(answer, FaultJson.Default.FaultAnswer, endpoint, path);
    }
}
