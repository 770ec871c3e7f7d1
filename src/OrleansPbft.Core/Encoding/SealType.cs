namespace OrleansPbft.Core;

/// <summary>How an envelope is authenticated. The number is its byte on the wire; 3 is kept for MAC authenticators (rule A-2).</summary>
public enum SealType : byte
{
    /// <summary>Not at all: never accepted.</summary>
    None = 0,

    /// <summary>By the sender's signature of these very bytes.</summary>
    Signature = 1,

    /// <summary>By the sender's signature of the root of a Merkle tree that these bytes are a leaf of. REPLY and READ-REPLY only.</summary>
    BatchSignature = 2,
}
