using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>What clients read of a problem (RFC 9457) that a silo answers with.</summary>
/// <param name="Code">The kind, for programs.</param>
/// <param name="Detail">A sentence, for a person.</param>
internal sealed record ProblemDocument(string? Code, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ProblemJson : JsonSerializerContext;
