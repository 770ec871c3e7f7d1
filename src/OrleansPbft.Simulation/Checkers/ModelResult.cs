using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>What one operation should answer.</summary>
/// <param name="Outcome">The service's outcome; <see cref="KeyValueOutcome.None"/> where it must refuse.</param>
/// <param name="Version">The version it should name.</param>
/// <param name="Value">The value it should give.</param>
internal sealed record ModelResult(KeyValueOutcome Outcome, long Version = 0, string Value = "")
{
    public static ModelResult Rejected { get; } = new(KeyValueOutcome.None);

    /// <summary>What an operation did answer; null when it makes no sense.</summary>
    public static ModelResult? Of(in OperationResult actual)
    {
        if (actual.Status != OperationStatus.Done) return Rejected;
        return KeyValueResult.TryRead(actual.Data, out var result) ? new(result.Outcome, result.Version, Encoding.UTF8.GetString(result.Value.Span)) : null;
    }

    /// <summary>How <paramref name="actual"/> is something else; null when it is not.</summary>
    public string? Differs(in OperationResult actual)
    {
        var isRejected = Outcome == KeyValueOutcome.None;
        if (isRejected || actual.Status != OperationStatus.Done)
        {
            return isRejected && actual.Status == OperationStatus.Rejected ? null : $"{actual.Status}, expected {this}";
        }

        if (!KeyValueResult.TryRead(actual.Data, out var result)) return "a result that makes no sense";
        var value = Encoding.UTF8.GetString(result.Value.Span);
        return result.Outcome == Outcome && result.Version == Version && value == Value
            ? null
            : $"{result.Outcome} version {result.Version} '{value}', expected {this}";
    }

    public override string ToString() => Outcome == KeyValueOutcome.None ? "a refusal" : $"{Outcome} version {Version} '{Value}'";
}
