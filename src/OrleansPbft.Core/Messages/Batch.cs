using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>What one sequence number orders: requests and the primary's proposed timestamp (rule N-1). Empty: the null batch.</summary>
public sealed class Batch
{
    /// <summary>Describes a batch.</summary>
    /// <param name="timestamp">The primary's clock when it proposed.</param>
    /// <param name="requests">In the order in which they execute.</param>
    /// <param name="encoding">The canonical bytes, as sent or received.</param>
    /// <param name="digest">d: the digest of <paramref name="encoding"/>.</param>
    public Batch(Instant timestamp, ImmutableArray<Request> requests, ReadOnlyMemory<byte> encoding, Digest digest)
    {
        Timestamp = timestamp;
        Requests = requests;
        Encoding = encoding;
        Digest = digest;
    }

    /// <summary>The primary's clock when it proposed; what services are told is never earlier than the batch before (S-1).</summary>
    public Instant Timestamp { get; }

    /// <summary>The requests, in the order in which they execute.</summary>
    public ImmutableArray<Request> Requests { get; }

    /// <summary>The canonical bytes: what was digested.</summary>
    public ReadOnlyMemory<byte> Encoding { get; }

    /// <summary>d.</summary>
    public Digest Digest { get; }
}
