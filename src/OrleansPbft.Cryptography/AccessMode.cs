namespace OrleansPbft.Cryptography;

/// <summary>Which clients a cluster serves (rule C-1).</summary>
public enum AccessMode
{
    /// <summary>Every client that has a key.</summary>
    Open = 0,

    /// <summary>Only the clients on the list.</summary>
    Listed,
}
