namespace Orleans;

/// <summary>A promise that the value never changes, so that a grain call need not copy it.</summary>
/// <remarks>In one process nothing is ever copied: the promise is what makes passing by reference right.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property
    | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;
