namespace Orleans.Placement;

/// <summary>Asks Orleans to activate the grain on the calling silo. In one process there is only that one.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : Attribute;
