namespace OrleansPbft.Core;

/// <summary>Why received bytes were dropped before the core saw them (rule A-4). One cause, one reason: each is counted.</summary>
public enum RejectReason : byte
{
    /// <summary>Not rejected.</summary>
    None = 0,

    /// <summary>The bytes end before the envelope does.</summary>
    Truncated,

    /// <summary>Bytes follow the envelope.</summary>
    TrailingBytes,

    /// <summary>Its version is not one this build speaks.</summary>
    UnknownVersion,

    /// <summary>Its kind is none of <see cref="MessageKind"/>.</summary>
    UnknownKind,

    /// <summary>Its seal is of no type this build knows.</summary>
    UnknownSeal,

    /// <summary>A length or a count is above its limit (<see cref="WireLimits"/>).</summary>
    TooLarge,

    /// <summary>A field has a value it can not have, or the encoding is not the canonical one.</summary>
    Malformed,

    /// <summary>It was sealed for another cluster (rule A-1).</summary>
    WrongCluster,

    /// <summary>A replica sent what only clients send, or a client what only replicas send.</summary>
    WrongSender,

    /// <summary>It names a replica that the cluster does not have.</summary>
    SenderNotInCluster,

    /// <summary>It is not sealed at all.</summary>
    NoSignature,

    /// <summary>A batch signature on a kind that must be signed by itself.</summary>
    SealNotAllowed,

    /// <summary>The client's key is not a point of the curve in its one encoding.</summary>
    BadKey,

    /// <summary>The signature is not its sender's signature of these bytes.</summary>
    BadSignature,

    /// <summary>The batch behind a PRE-PREPARE does not hash to the digest that was signed.</summary>
    DigestMismatch,

    /// <summary>A request in the batch of a PRE-PREPARE would be rejected by itself (rule N-2).</summary>
    BadRequestInBatch,

    /// <summary>A VIEW-CHANGE in a NEW-VIEW would be rejected by itself, is for another view, or is its sender's second (rule VC-5).</summary>
    BadViewChangeInNewView,

    /// <summary>The client is not on the list of those allowed (rule C-1).</summary>
    ClientNotAllowed,

    /// <summary>A MAC or a session key in a cluster whose replicas sign everything.</summary>
    WrongMode,

    /// <summary>The MAC is under a session key that this receiver does not know, or no longer; the two tell each other theirs.</summary>
    UnknownSessionKey,

    /// <summary>The MAC is not its sender's, for this receiver, of these bytes.</summary>
    BadMac,

    /// <summary>A session key older than one that is known of the same sender: said before, and now replayed.</summary>
    OldSessionKey,

    /// <summary>New session keys come faster than they are taken (rule N-8).</summary>
    TooManySessionKeys,
}
