namespace Orleans;

/// <summary>The stable number of a serialized member within its type.</summary>
/// <param name="id">The number; unique within the declaring type.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Class
    | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class IdAttribute(uint id) : Attribute
{
    /// <summary>The number; unique within the declaring type.</summary>
    public uint Id { get; } = id;
}
