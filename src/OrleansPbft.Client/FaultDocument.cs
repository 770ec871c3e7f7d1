using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/replicas/{id}/fault</c>: what one replica is made to do wrong on purpose.</summary>
public sealed record FaultDocument
{
    /// <summary>i.</summary>
    public required int Replica { get; init; }

    /// <summary>What it does, as <c>lie</c> or <c>drop:0.3</c>; null when nothing is wrong with it on purpose.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Mode { get; init; }

    /// <summary>How often it did what a correct replica does not, since it was told to.</summary>
    public required long Acts { get; init; }
}
