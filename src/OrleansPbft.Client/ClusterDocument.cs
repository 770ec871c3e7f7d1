using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>The JSON of <c>GET /v1/cluster</c>. <see cref="ClusterInfo"/> is what is left of it once it is checked.</summary>
public sealed record ClusterDocument
{
    /// <summary>The cluster's id in 32 hexadecimal digits; it follows from the keys and the parameters.</summary>
    public required string ClusterId { get; init; }

    /// <summary>n.</summary>
    public required int N { get; init; }

    /// <summary>f.</summary>
    public required int F { get; init; }

    /// <summary>q.</summary>
    public required int Quorum { get; init; }

    /// <summary>The name of the replicated service.</summary>
    public required string Service { get; init; }

    /// <summary>W: how many requests of one session may be in flight.</summary>
    public required int SessionWindow { get; init; }

    /// <summary>The most bytes one signed request takes.</summary>
    public required int RequestBytesMax { get; init; }

    /// <summary>The most bytes all results of one request take together.</summary>
    public int ResultBytesMax { get; init; } = 128 << 10;

    /// <summary>B: the most operations one request bundles.</summary>
    public required int OperationsMax { get; init; }

    /// <summary>How replicas authenticate what is no evidence: <c>Signatures</c> or <c>Macs</c>; null stands for the first.
    /// Who is told the wrong one is not answered, and harms nobody.</summary>
    public string? Authentication { get; init; }

    /// <summary>A digest of whatever else the replicas agree on, in 64 hexadecimal digits; null stands for zeroes.</summary>
    public string? Parameters { get; init; }

    /// <summary>The n replicas in the order of their ids.</summary>
    public required ReplicaDocument[] Replicas { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClusterDocument))]
internal sealed partial class ClusterDocumentJson : JsonSerializerContext;
