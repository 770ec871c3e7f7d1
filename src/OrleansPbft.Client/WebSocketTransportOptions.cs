namespace OrleansPbft.Client;

/// <summary>How a <see cref="WebSocketClusterTransport"/> behaves.</summary>
public sealed record WebSocketTransportOptions
{
    /// <summary>How long one attempt to connect may take.</summary>
    /// <value>5 s by default.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait, on average, before the first attempt to connect again; it doubles with every failure.</summary>
    /// <value>100 ms by default.</value>
    public TimeSpan ReconnectAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits double up to this.</summary>
    /// <value>5 s by default.</value>
    public TimeSpan ReconnectAfterMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the silo may leave a message unread, or a ping unanswered, before the connection counts as lost.</summary>
    /// <value>15 s by default.</value>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The most bytes that wait to be sent; beyond it new requests are lost, and sent again later.</summary>
    /// <value>16 MiB by default.</value>
    public int OutgoingBytesMax { get; init; } = 16 << 20;

    /// <summary>How large a message is packed when many requests wait.</summary>
    /// <value>64 KiB by default; below what the silo takes.</value>
    public int MessageBytes { get; init; } = 64 << 10;
}
