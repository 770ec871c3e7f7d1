namespace Orleans.Execution;

/// <summary>The life of an activation, in order.</summary>
internal enum ActivationState
{
    /// <summary>Requests may queue; the grain does not exist yet.</summary>
    Creating,

    /// <summary>The grain is being constructed, or its OnActivateAsync runs.</summary>
    Activating,

    /// <summary>Requests run.</summary>
    Valid,

    /// <summary>What runs is finished, then OnDeactivateAsync runs; what waits is for a successor.</summary>
    Deactivating,

    /// <summary>Gone. Takes no requests.</summary>
    Invalid,
}
