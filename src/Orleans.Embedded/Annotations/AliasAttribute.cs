namespace Orleans;

/// <summary>The stable name by which Orleans identifies a type or a method on the wire.</summary>
/// <param name="alias">The name: globally unique for a type, unique within the declaring type for a method.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum
    | AttributeTargets.Method, AllowMultiple = true)]
public sealed class AliasAttribute(string alias) : Attribute
{
    /// <summary>The name: globally unique for a type, unique within the declaring type for a method.</summary>
    public string Alias { get; } = alias;
}
