using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>How the silo writes, and clients read, the JSON of the HTTP API's status.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(ReplicaStatusDocument))]
public sealed partial class StatusJson : JsonSerializerContext;
