using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of all grain interfaces. Derive from one that names the kind of key.</summary>
public interface IGrain : IAddressable;
