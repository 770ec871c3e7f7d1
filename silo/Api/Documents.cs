using System.Text.Json.Serialization;
using OrleansPbft.Client;

namespace OrleansPbft.Silo.Api;

/// <summary>What every answer says of how it came about.</summary>
internal abstract record Agreed
{
    /// <summary>The view the cluster was in.</summary>
    public long View { get; set; }

    /// <summary>Where in the agreed order the operation was executed; of a quorum read, up to where everything executed is in the answer.</summary>
    public long Sequence { get; set; }

    /// <summary>The f + 1 or more replicas that gave equal answers.</summary>
    public int[] Replicas { get; set; } = [];

    /// <summary>How a read was made: quorum, by asking q replicas; or ordered, like a write.</summary>
    public string? Read { get; set; }
}

/// <summary>The body of <c>PUT /v1/kv/{key}</c>: either value or valueBase64.</summary>
internal sealed record PutRequest
{
    /// <summary>The value as text, kept as UTF-8; at most 65536 bytes.</summary>
    public string? Value { get; init; }

    /// <summary>The value as bytes in base64.</summary>
    public byte[]? ValueBase64 { get; init; }

    /// <summary>Write only if the entry has this version; 0: only if there is none.</summary>
    public long? IfVersion { get; init; }
}

/// <summary>The body of <c>POST /v1/kv/{key}/increment</c>.</summary>
internal sealed record IncrementRequest
{
    /// <summary>What to add; 1 when it is left out.</summary>
    public long? By { get; init; }
}

/// <summary>An entry was written.</summary>
internal sealed record EntryWritten : Agreed
{
    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>Its version now.</summary>
    public required long Version { get; init; }
}

/// <summary>An entry was read.</summary>
internal sealed record EntryRead : Agreed
{
    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>Its value, where that is UTF-8.</summary>
    public string? Value { get; init; }

    /// <summary>Its value in base64, where it is not.</summary>
    public ReadOnlyMemory<byte>? ValueBase64 { get; init; }

    /// <summary>Its version.</summary>
    public required long Version { get; init; }
}

/// <summary>An entry was taken out.</summary>
internal sealed record EntryDeleted : Agreed
{
    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>The version it had.</summary>
    public required long Version { get; init; }
}

/// <summary>A number was added to.</summary>
internal sealed record EntryIncremented : Agreed
{
    /// <summary>The entry's key.</summary>
    public required string Key { get; init; }

    /// <summary>The sum.</summary>
    public required long Value { get; init; }

    /// <summary>The entry's version now.</summary>
    public required long Version { get; init; }
}

/// <summary>One entry of a page.</summary>
internal sealed record EntryListItem
{
    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>Its value, where that is UTF-8.</summary>
    public string? Value { get; init; }

    /// <summary>Its value in base64, where it is not.</summary>
    public ReadOnlyMemory<byte>? ValueBase64 { get; init; }

    /// <summary>Its version.</summary>
    public required long Version { get; init; }
}

/// <summary>A page of entries.</summary>
internal sealed record EntryList : Agreed
{
    /// <summary>The entries, in the order of their keys' bytes.</summary>
    public required EntryListItem[] Items { get; init; }

    /// <summary>What to give as after for the next page; null when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Next { get; init; }
}

/// <summary>The body of <c>POST /v1/operations</c>.</summary>
internal sealed record OperationRequest
{
    /// <summary>The operation in the service's own encoding, in base64.</summary>
    public required byte[] Operation { get; init; }
}

/// <summary>An operation was executed.</summary>
internal sealed record OperationAnswer : Agreed
{
    /// <summary>Its result in the service's own encoding, in base64.</summary>
    public required ReadOnlyMemory<byte> Result { get; init; }
}

/// <summary>How well the silo is.</summary>
/// <param name="Status">Healthy or Unhealthy.</param>
/// <param name="Detail">Why.</param>
internal sealed record HealthDocument(string Status, string Detail);

/// <summary>Fills in what every answer says.</summary>
internal static class AgreedExtensions
{
    public static T With<T>(this T document, KeyValueAnswer answer)
        where T : Agreed
    {
        document.View = answer.View.Number;
        document.Sequence = answer.Sequence.Value;
        document.Replicas = answer.Replicas.ToIndexes();
        return document;
    }

    public static T WithRead<T>(this T document, KeyValueAnswer answer)
        where T : Agreed
    {
        document.Read = answer.Path == AnswerPath.Quorum ? "quorum" : "ordered";
        return document.With(answer);
    }
}

/// <summary>How these documents are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PutRequest))]
[JsonSerializable(typeof(IncrementRequest))]
[JsonSerializable(typeof(OperationRequest))]
[JsonSerializable(typeof(EntryWritten))]
[JsonSerializable(typeof(EntryRead))]
[JsonSerializable(typeof(EntryDeleted))]
[JsonSerializable(typeof(EntryIncremented))]
[JsonSerializable(typeof(EntryList))]
[JsonSerializable(typeof(OperationAnswer))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(Links.LinkStatus[]))]
internal sealed partial class ApiJson : JsonSerializerContext;
