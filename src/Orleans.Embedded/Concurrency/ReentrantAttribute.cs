namespace Orleans.Concurrency;

/// <summary>All requests of this grain class may interleave at their awaits. Turns still run one at a time.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
