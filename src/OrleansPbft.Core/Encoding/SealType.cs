namespace OrleansPbft.Core;

/// <summary>How an envelope is authenticated. The number is its byte on the wire (rule A-2).</summary>
public enum SealType : byte
{
    /// <summary>Not at all: never accepted.</summary>
    None = 0,

    /// <summary>By the sender's signature of these very bytes.</summary>
    Signature = 1,

    /// <summary>By the sender's signature of the root of a Merkle tree that these bytes are a leaf of. REPLY and READ-REPLY only.</summary>
    BatchSignature = 2,

    /// <summary>By a MAC under a key that only the sender and one receiver have. Of what is no evidence only.</summary>
    Mac = 3,

    /// <summary>By the client's signature, and beside it a MAC for each replica (rule A-3). REQUEST and READ only.</summary>
    SignatureAndMacs = 4,
}
