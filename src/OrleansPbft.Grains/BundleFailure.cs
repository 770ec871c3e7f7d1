namespace OrleansPbft.Grains;

/// <summary>Why a bundle of operations has no accepted answer.</summary>
public enum BundleFailure
{
    /// <summary>It has one.</summary>
    None = 0,

    /// <summary>There were no operations, too many, or they were too long; nothing was sent.</summary>
    NotAcceptable,

    /// <summary>Too much is waiting; to be tried again.</summary>
    Busy,

    /// <summary>No f + 1 equal replies came in time.</summary>
    TimedOut,

    /// <summary>The cluster no longer knows the session.</summary>
    SessionLost,

    /// <summary>It was executed, but the results are no longer kept.</summary>
    ResultDropped,

    /// <summary>f + 1 replicas agreed on what no correct replica says.</summary>
    FaultyCluster,

    /// <summary>The cluster can not be reached from here.</summary>
    Unreachable,
}
