using OrleansPbft.Services;

namespace OrleansPbft.Client;

/// <summary>Why a replicated key-value store did not do what it was asked: an answer that f + 1 replicas agreed on, and nothing changed.</summary>
/// <param name="Code">The cause in one word for programs: not-found, conflict, not-a-number, overflow.</param>
/// <param name="Message">The cause as a sentence.</param>
/// <param name="Version">The entry's version, 0 where there is none; null where the cause is just that.</param>
public sealed record KeyValueRefusal(string Code, string Message, long? Version)
{
    /// <summary>What <see cref="Code"/> says of an entry that does not exist.</summary>
    public const string NotFound = "not-found";

    /// <summary>Reads a refusal.</summary>
    /// <param name="key">The entry that was asked for.</param>
    /// <param name="result">The store's result, not a success of that operation.</param>
    /// <exception cref="PbftFaultyClusterException">It is no refusal either: no correct store answers so.</exception>
    public static KeyValueRefusal Of(string key, KeyValueResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Outcome switch
        {
            KeyValueOutcome.NotFound => new(NotFound, $"There is no entry '{key}'.", null),
            KeyValueOutcome.VersionMismatch when result.Version == 0 => new("conflict", $"There is no entry '{key}'; nothing changed.", 0),
            KeyValueOutcome.VersionMismatch => new("conflict", $"'{key}' has version {result.Version}; nothing changed.", result.Version),
            KeyValueOutcome.NotANumber => new("not-a-number", $"'{key}' holds no decimal number of 64 bits; nothing changed.", result.Version),
            KeyValueOutcome.Overflow => new("overflow", $"The sum does not fit into 64 bits; '{key}' did not change.", result.Version),
            _ => throw new PbftFaultyClusterException($"The cluster answered {result.Outcome}, which is no answer to this operation."),
        };
    }
}
