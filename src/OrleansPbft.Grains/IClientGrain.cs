using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansPbft.Grains;

/// <summary>A client of the cluster inside a silo, with a key and a session of its own. Its key is the session's name, any text.</summary>
/// <remarks>For callers in the silo and for the HTTP API. <see cref="PbftClientGrainExtensions.GetPbftClient"/> gives it the face of an
/// <see cref="Client.IPbftClient"/>. Calls of several callers interleave; one session's window bounds how many requests are in flight.</remarks>
[Alias("OrleansPbft.IClientGrain")]
public interface IClientGrain : IGrainWithStringKey
{
    /// <summary>Has a bundle of operations ordered and executed, one after another and nothing in between.</summary>
    /// <param name="operations">1 .. B operations, together within RequestBytesMax; must not change.</param>
    /// <param name="traceParent">The W3C trace context of the caller's span; null for none.</param>
    /// <returns>What f + 1 replicas agreed on, or why there is no such answer.</returns>
    [Alias("Submit")]
    Task<BundleAnswer> Submit(ImmutableArray<ReadOnlyMemory<byte>> operations, string? traceParent);

    /// <summary>Reads what operations tell, all of one state, and has them ordered only where that is not possible (rule C-7).</summary>
    /// <param name="operations">1 .. B read-only operations, together within RequestBytesMax; must not change.</param>
    /// <param name="traceParent">The W3C trace context of the caller's span; null for none.</param>
    /// <returns>What f + 1 replicas agreed on, or why there is no such answer.</returns>
    [Alias("Query")]
    Task<BundleAnswer> Query(ImmutableArray<ReadOnlyMemory<byte>> operations, string? traceParent);

    /// <summary>Hands over a reply of a replica. Never waits, never fails.</summary>
    /// <param name="reply">The sealed reply; opened here, and dropped when it does not prove its sender.</param>
    [OneWay]
    [Alias("Deliver")]
    Task Deliver(Envelope reply);
}
