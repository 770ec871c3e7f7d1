using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>How the silo and its clients read and write the JSON of faults on purpose. Members that are null are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FaultRequest))]
[JsonSerializable(typeof(FaultAnswer))]
[JsonSerializable(typeof(FaultDocument))]
[JsonSerializable(typeof(FaultsDocument))]
public sealed partial class FaultJson : JsonSerializerContext;
