namespace OrleansPbft.Client;

/// <summary>Whether a transport can send.</summary>
public enum TransportState
{
    /// <summary>Not now; it connects when there is something to send, and again after a loss.</summary>
    Disconnected = 0,

    /// <summary>Yes.</summary>
    Connected,

    /// <summary>Never again: it was disposed, or what answers at the address is another cluster.</summary>
    Closed,
}
