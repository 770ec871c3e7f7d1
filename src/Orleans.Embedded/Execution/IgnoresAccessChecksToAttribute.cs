namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by name: an emitted assembly that bears it may use the internals of the one it names.</summary>
/// <remarks>So that grain interfaces, and what crosses their calls, may be internal, as they may with Orleans' generated code.</remarks>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
