namespace OrleansPbft.Client;

/// <summary>Whom a transport tells what happens. Called by any thread, without locks held; never throws, whatever the bytes are.</summary>
public interface IEnvelopeReceiver
{
    /// <summary>Whether it waits for replies: while anybody does, a lost connection is made again.</summary>
    bool IsWaiting { get; }

    /// <summary>An envelope came, unchecked. Its bytes may be used again once this returns.</summary>
    void OnEnvelope(ReadOnlyMemory<byte> envelope);

    /// <summary>There is a connection now, perhaps a new one: what was sent before may be lost.</summary>
    void OnConnected();

    /// <summary>The cluster does not serve this client: it is not on the list (rule C-1). Whoever tells so can be believed as far as the transport is.</summary>
    void OnNotListed();

    /// <summary>There will be no connection any more: <see cref="IClusterTransport.Problem"/> says why.</summary>
    void OnClosed();
}
