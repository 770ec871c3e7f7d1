namespace OrleansPbft.Cryptography;

/// <summary>What is wrong with a certificate that should prove a replica's identity.</summary>
public enum CertificateProblem
{
    /// <summary>Nothing: it is made with the replica's key, and valid now.</summary>
    None = 0,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is not that of the replica's key in the cluster file.</summary>
    WrongKey,

    /// <summary>Its time has not begun.</summary>
    NotYetValid,

    /// <summary>Its time is over.</summary>
    Expired,
}
