namespace Orleans.Execution;

/// <summary>Its presence among the services says that calls carry the caller's activity.</summary>
internal sealed class ActivityPropagation;
