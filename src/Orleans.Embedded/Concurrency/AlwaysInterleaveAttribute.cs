namespace Orleans.Concurrency;

/// <summary>Calls of this method may start while another request of the same activation is awaiting something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
