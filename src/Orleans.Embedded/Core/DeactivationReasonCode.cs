using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>Why an activation goes away. Names and values are those of Orleans; one process raises only some of them.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The shape of Orleans' own type.")]
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason given.</summary>
    None,

    /// <summary>The silo is stopping.</summary>
    ShuttingDown,

    /// <summary>Constructing or activating the grain failed.</summary>
    ActivationFailed,

    /// <summary>The directory failed. Never raised in one process.</summary>
    DirectoryFailure,

    /// <summary>No request came for the collection age.</summary>
    ActivationIdle,

    /// <summary>The activation did not respond. Never raised in one process.</summary>
    ActivationUnresponsive,

    /// <summary>Another activation of the same grain existed. Never raised in one process.</summary>
    DuplicateActivation,

    /// <summary>A request was of an incompatible version. Never raised in one process.</summary>
    IncompatibleRequest,

    /// <summary>The application reported an error.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>The grain moves to another silo. Never raised in one process.</summary>
    Migrating,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested,

    /// <summary>Memory is short. Never raised in one process.</summary>
    HighMemoryPressure,
}
