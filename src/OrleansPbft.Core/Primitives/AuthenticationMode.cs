namespace OrleansPbft.Core;

/// <summary>How the messages of replicas that are no evidence are authenticated (rule A-2). The number is part of the cluster's id.</summary>
/// <remarks>PRE-PREPARE, SUSPECT, VIEW-CHANGE, NEW-VIEW and the requests of clients are signed in either.</remarks>
public enum AuthenticationMode
{
    /// <summary>By signatures, like everything else.</summary>
    Signatures = 0,

    /// <summary>By MACs under keys that every two have between them.</summary>
    Macs = 1,
}
