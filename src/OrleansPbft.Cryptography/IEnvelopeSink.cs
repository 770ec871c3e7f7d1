using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Where sealed envelopes leave. Never waits and never throws: what is lost is said again.</summary>
public interface IEnvelopeSink
{
    /// <summary>Sends an envelope to a replica.</summary>
    /// <param name="to">The replica.</param>
    /// <param name="envelope">Does not change any more.</param>
    /// <param name="traceParent">The W3C trace context it belongs to; null for none.</param>
    void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent);

    /// <summary>Sends an envelope to a client.</summary>
    /// <param name="to">The client.</param>
    /// <param name="envelope">Does not change any more.</param>
    void ToClient(ClientId to, ReadOnlyMemory<byte> envelope);
}
