using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Costs;

/// <summary>What one cluster was measured to cost, and what the formula says that it should.</summary>
public sealed record CostPoint
{
    /// <summary>What was measured.</summary>
    public required CostPlan Plan { get; init; }

    /// <summary>How many requests were answered while it was.</summary>
    public required long Requests { get; init; }

    /// <summary>What was sent meanwhile, by kind.</summary>
    public required IReadOnlyDictionary<MessageKind, KindCost> Measured { get; init; }

    /// <summary>What the formula says, by kind: of the batches, and of their one checkpoint.</summary>
    public required IReadOnlyDictionary<MessageKind, KindCost> Formula { get; init; }

    /// <summary>How long a request's operation is, in bytes.</summary>
    public required int OperationBytes { get; init; }

    /// <summary>How long the results in a reply are, in bytes.</summary>
    public required int ResultsBytes { get; init; }

    /// <summary>From a request's sending to its accepted answer, in message delays: the mean.</summary>
    public required double LatencyDelays { get; init; }

    /// <summary>The same of the slowest request.</summary>
    public required double LatencyDelaysMax { get; init; }

    /// <summary>What the normal case of the protocol was measured to take: requests, the three phases, replies.</summary>
    public KindCost NormalCase => KindCost.Sum(Measured.Where(one => IsOfNormalCase(one.Key)).Select(static one => one.Value));

    /// <summary>The same by the formula.</summary>
    public KindCost NormalCaseFormula => KindCost.Sum(Formula.Where(static one => one.Key != MessageKind.Checkpoint).Select(static one => one.Value));

    /// <summary>The one checkpoint that was measured.</summary>
    public KindCost Checkpoint => Measured.GetValueOrDefault(MessageKind.Checkpoint);

    /// <summary>What was sent beside: STATUS, what was sent again, and whatever else the formula knows nothing of. Empty where all went well.</summary>
    public IReadOnlyDictionary<MessageKind, KindCost> Others =>
        new SortedDictionary<MessageKind, KindCost>(Measured.Where(one => !Formula.ContainsKey(one.Key)).ToDictionary());

    /// <summary>The kinds of which not exactly that was sent which the formula says, in sentences; empty where measurement and formula are equal.</summary>
    public IReadOnlyList<string> Differences =>
    [
        .. Measured.Keys.Union(Formula.Keys).Order()
            .Select(kind => (Kind: kind, Measured: Measured.GetValueOrDefault(kind), Formula: Formula.GetValueOrDefault(kind)))
            .Where(static one => one.Measured != one.Formula)
            .Select(static one => $"{one.Kind}: {Describe(one.Measured)}; by the formula {Describe(one.Formula)}"),
    ];

    private bool IsOfNormalCase(MessageKind kind) => kind != MessageKind.Checkpoint && Formula.ContainsKey(kind);

    private static string Describe(KindCost cost) => $"{cost.Messages} messages, {cost.Bytes} bytes, {cost.Signatures} signatures, {cost.Macs} MACs";
}
