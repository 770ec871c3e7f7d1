using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>A membership as a JSON file for people to exchange: public, and checked against itself when it is read.</summary>
public static class ClusterFile
{
    /// <summary>Writes a membership as JSON.</summary>
    public static string ToJson(Membership membership) => JsonSerializer.Serialize(
        new ClusterFileContent
        {
            Id = membership.Id.ToString(),
            N = membership.Cluster.Replicas,
            Keys = [.. membership.Replicas.Select(key => key.ToString())],
            Parameters = membership.Parameters.ToHex(),
        },
        ClusterFileJson.Default.ClusterFileContent) + "\n";

    /// <summary>Reads what <see cref="ToJson"/> writes. False, and a sentence that says why, when it is not that or contradicts itself.</summary>
    public static bool TryParse(string json, [NotNullWhen(true)] out Membership? membership, [NotNullWhen(false)] out string? problem)
    {
        membership = null;
        problem = null;
        ClusterFileContent? content;
        try
        {
            content = JsonSerializer.Deserialize(json, ClusterFileJson.Default.ClusterFileContent);
        }
        catch (JsonException e)
        {
            problem = $"The cluster file is not as it should be: {e.Message}";
            return false;
        }

        if (content is null || content.Keys.Length != content.N)
        {
            problem = $"The cluster file names {content?.N ?? 0} replicas but has {content?.Keys.Length ?? 0} keys.";
            return false;
        }

        var keys = new PublicKey[content.N];
        for (var i = 0; i < keys.Length; i++)
        {
            if (PublicKey.TryParse(content.Keys[i], out keys[i])) continue;
            problem = $"The key of replica {i} is not 128 hexadecimal digits.";
            return false;
        }

        problem = Membership.FindProblem(keys);
        if (problem is not null) return false;

        if (!TryParseDigest(content.Parameters, out var parameters))
        {
            problem = "The parameters are not the 64 hexadecimal digits of a digest.";
            return false;
        }

        var read = new Membership([.. keys], parameters);
        if (read.Id.ToString() != content.Id)
        {
            problem = $"The cluster file says it describes the cluster {content.Id}, but its keys and parameters are those of {read.Id}.";
            return false;
        }

        membership = read;
        return true;
    }

    private static bool TryParseDigest(string text, out Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        var ok = Convert.FromHexString(text, bytes, out var consumed, out var written) == System.Buffers.OperationStatus.Done
            && consumed == text.Length && written == Digest.Bytes;
        if (ok) digest = new(bytes);
        return ok;
    }
}

/// <summary>The JSON object of a cluster file.</summary>
internal sealed class ClusterFileContent
{
    public required string Id { get; init; }

    public required int N { get; init; }

    public required string[] Keys { get; init; }

    public required string Parameters { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClusterFileContent))]
internal sealed partial class ClusterFileJson : JsonSerializerContext;
