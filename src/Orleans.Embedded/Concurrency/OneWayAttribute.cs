namespace Orleans.Concurrency;

/// <summary>The caller gets a completed task at once; it learns neither of success nor of failure.</summary>
/// <remarks>A failure of the call is logged where it happened.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
