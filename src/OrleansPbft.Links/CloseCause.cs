using System.Net.WebSockets;

namespace OrleansPbft.Links;

/// <summary>Why a connection ended. Its name is what is counted.</summary>
internal enum CloseCause
{
    /// <summary>The client said good-bye.</summary>
    ByClient,

    /// <summary>The client was gone without a good-bye.</summary>
    Lost,

    /// <summary>A message was longer than one may be.</summary>
    MessageTooLarge,

    /// <summary>A message was text.</summary>
    NotBinary,

    /// <summary>A message was not made of whole frames.</summary>
    BadFrame,

    /// <summary>Too many envelopes were rejected.</summary>
    TooManyRejects,

    /// <summary>No authentic request came in time, the first or the next.</summary>
    Idle,

    /// <summary>A message was begun and not ended in time.</summary>
    MessageTimeout,

    /// <summary>The client did not read what was sent.</summary>
    NotReading,

    /// <summary>The silo stops.</summary>
    Shutdown,
}

/// <summary>What follows from a cause: what the other side is told, and what it has to bear.</summary>
internal static class CloseCauses
{
    /// <summary>Whether no correct client's connection ends so.</summary>
    public static bool IsOffence(this CloseCause cause) =>
        cause is CloseCause.MessageTooLarge or CloseCause.NotBinary or CloseCause.BadFrame or CloseCause.TooManyRejects;

    public static WebSocketCloseStatus Status(this CloseCause cause) => cause switch
    {
        CloseCause.ByClient or CloseCause.Lost => WebSocketCloseStatus.NormalClosure,
        CloseCause.MessageTooLarge => WebSocketCloseStatus.MessageTooBig,
        CloseCause.NotBinary => WebSocketCloseStatus.InvalidMessageType,
        CloseCause.BadFrame => WebSocketCloseStatus.InvalidPayloadData,
        CloseCause.Shutdown => WebSocketCloseStatus.EndpointUnavailable,
        _ => WebSocketCloseStatus.PolicyViolation,
    };

    public static string Reason(this CloseCause cause) => cause switch
    {
        CloseCause.MessageTooLarge => "The message is too long.",
        CloseCause.NotBinary => "Messages must be binary.",
        CloseCause.BadFrame => "The message is not made of whole frames.",
        CloseCause.TooManyRejects => "Too many envelopes were rejected.",
        CloseCause.Idle => "No request came in time.",
        CloseCause.MessageTimeout => "The message took too long.",
        CloseCause.NotReading => "Replies were not read.",
        CloseCause.Shutdown => "The silo stops.",
        _ => "",
    };
}
