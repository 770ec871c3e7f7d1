namespace OrleansPbft.Simulation;

/// <summary>One operation, as the workload means it.</summary>
internal sealed record WorkloadOperation(WorkloadOperationKind Kind, string Key = "", string Value = "", long By = 0, long? IfVersion = null)
{
    /// <summary>In few words: "put k1 'x' if v3".</summary>
    public string Describe() => Kind switch
    {
        WorkloadOperationKind.Nonsense => "nonsense",
        WorkloadOperationKind.Put => $"put {Key} '{Value}'{(IfVersion is { } version ? $" if v{version}" : "")}",
        WorkloadOperationKind.Increment => $"increment {Key} by {By}",
        _ => $"{Kind.ToString().ToLowerInvariant()} {Key}",
    };
}
