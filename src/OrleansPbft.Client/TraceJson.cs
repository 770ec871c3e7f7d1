using System.Text.Json.Serialization;

namespace OrleansPbft.Client;

/// <summary>How the silo and its clients read and write the JSON of what happened: traces, events, rates, journals. Members that are null are left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TraceListDocument))]
[JsonSerializable(typeof(TraceDocument))]
[JsonSerializable(typeof(TraceSummaryDocument))]
[JsonSerializable(typeof(EventListDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(LiveDocument))]
[JsonSerializable(typeof(JournalListDocument))]
public sealed partial class TraceJson : JsonSerializerContext;
