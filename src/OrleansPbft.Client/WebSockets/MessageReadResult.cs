namespace OrleansPbft.Client.WebSockets;

/// <summary>How an attempt to read a message ended.</summary>
internal enum MessageReadResult
{
    /// <summary>With a message.</summary>
    Message,

    /// <summary>With the other side's good-bye.</summary>
    Closed,

    /// <summary>With text.</summary>
    NotBinary,

    /// <summary>With more bytes than a message may have.</summary>
    TooLarge,
}
