using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>How a client's envelopes reach the replicas, and theirs the client. Trusted with nothing but to try.</summary>
/// <remarks>Thread-safe. It never waits and never throws: what it can not send is lost, and the client sends it again.</remarks>
public interface IClusterTransport
{
    /// <summary>Whether envelopes can be sent now.</summary>
    TransportState State { get; }

    /// <summary>Why not, as a sentence for a person that names the address and what to do; null while connected or never tried.</summary>
    string? Problem { get; }

    /// <summary>Sends a sealed request or read. A transport without a connection makes one and then tells every receiver.</summary>
    /// <param name="to">The replicas it goes to.</param>
    /// <param name="envelope">Must not change any more.</param>
    /// <param name="traceParent">The W3C trace context it belongs to, for instruments; null for none. A transport may lose it.</param>
    /// <returns>False when it is certain that nobody gets it.</returns>
    bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent);

    /// <summary>From now on, until the result is disposed, <paramref name="receiver"/> gets the replies to <paramref name="client"/>.
    /// One client may have several receivers; each gets all of its replies.</summary>
    IDisposable Attach(ClientId client, IEnvelopeReceiver receiver);
}
