namespace Orleans;

/// <summary>Marks a type that crosses a grain call. Orleans generates a serializer for it; in one process it passes by reference.</summary>
/// <remarks>Whatever crosses a grain call must never change afterwards: sender and receiver hold the same object.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
