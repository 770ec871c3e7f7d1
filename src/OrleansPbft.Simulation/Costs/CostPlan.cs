using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Costs;

/// <summary>One cluster whose cost is measured: no faults, no loss, and every message takes the same time.</summary>
public sealed record CostPlan
{
    /// <summary>The most requests a batch may have here.</summary>
    public const int BatchMax = 256;

    /// <summary>The most requests that are measured.</summary>
    public const int RequestsMax = 8192;

    /// <summary>n.</summary>
    public required int Replicas { get; init; }

    /// <summary>b: how many requests every batch has; each is another client's.</summary>
    /// <value>1 to <see cref="BatchMax"/>.</value>
    public required int Batch { get; init; }

    /// <summary>How replicas authenticate what is no evidence (rule A-2).</summary>
    public required AuthenticationMode Authentication { get; init; }

    /// <summary>How many requests are measured, rounded up to whole batches.</summary>
    /// <value>128 by default; 1 to <see cref="RequestsMax"/>.</value>
    public int Requests { get; init; } = 128;

    /// <summary>What keys and values are drawn from. The counts do not depend on it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many batches are measured; one checkpoint is taken among them.</summary>
    public int Batches => (Requests + Batch - 1) / Batch;

    /// <summary>What is wrong with it, as sentences; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Replicas is < 4 or > ClusterSize.ReplicasMax) problems.Add($"A cluster has 4 to {ClusterSize.ReplicasMax} replicas, not {Replicas}.");
        if (Batch is < 1 or > BatchMax) problems.Add($"A batch has 1 to {BatchMax} requests here, not {Batch}.");
        if (Requests is < 1 or > RequestsMax) problems.Add($"1 to {RequestsMax} requests can be measured, not {Requests}.");
        if (!Enum.IsDefined(Authentication)) problems.Add($"{Authentication} is no mode of authentication.");
        return problems;
    }
}
