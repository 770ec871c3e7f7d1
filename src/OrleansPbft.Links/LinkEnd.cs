using System.Net.WebSockets;

namespace OrleansPbft.Links;

/// <summary>Why a link that was open ended. Its name is what is counted, and what the peer is told.</summary>
internal enum LinkEnd
{
    /// <summary>The peer said good-bye.</summary>
    ByPeer,

    /// <summary>The peer was gone without a good-bye, or answered no ping.</summary>
    Lost,

    /// <summary>The peer opened another one.</summary>
    Replaced,

    /// <summary>The silo stops.</summary>
    Shutdown,

    /// <summary>A message was longer than one may be.</summary>
    MessageTooLarge,

    /// <summary>A message was text.</summary>
    NotBinary,

    /// <summary>A message was not made of whole frames for this silo's replica.</summary>
    BadFrame,

    /// <summary>Too many envelopes were rejected.</summary>
    TooManyRejects,
}

/// <summary>What follows from how a link ended.</summary>
internal static class LinkEnds
{
    /// <summary>Whether no correct peer is parted with for this.</summary>
    public static bool IsMisconduct(this LinkEnd end) => end >= LinkEnd.MessageTooLarge;

    public static WebSocketCloseStatus Status(this LinkEnd end) => end switch
    {
        LinkEnd.MessageTooLarge => WebSocketCloseStatus.MessageTooBig,
        LinkEnd.NotBinary => WebSocketCloseStatus.InvalidMessageType,
        LinkEnd.BadFrame => WebSocketCloseStatus.InvalidPayloadData,
        LinkEnd.TooManyRejects => WebSocketCloseStatus.PolicyViolation,
        LinkEnd.Shutdown => WebSocketCloseStatus.EndpointUnavailable,
        _ => WebSocketCloseStatus.NormalClosure,
    };
}
