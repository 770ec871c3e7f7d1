namespace OrleansPbft.Simulation;

/// <summary>One operation, as the workload means it.</summary>
internal sealed record WorkloadOperation(WorkloadOperationKind Kind, string Key = "", string Value = "", long By = 0, long? IfVersion = null);
