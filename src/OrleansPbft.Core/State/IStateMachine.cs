using System.Buffers;

namespace OrleansPbft.Core;

/// <summary>The service to replicate. Called by one thread at a time, in the one order all correct replicas share.</summary>
public interface IStateMachine
{
    /// <summary>Names the service and its version of the operation format; part of the configuration every replica must share.</summary>
    string Name { get; }

    /// <summary>The root of an incremental Merkle tree over the whole state: equal states, equal roots; its cost follows what changed (K-2).</summary>
    Digest Root { get; }

    /// <summary>Applies one ordered operation and writes its result. Deterministic: nothing but state, operation and context (S-1).</summary>
    /// <exception cref="OperationRejectedException">The operation is malformed or not allowed. The state must be unchanged.</exception>
    /// <remarks>Whatever it throws, the state must be unchanged; every replica then answers the same error (S-3).</remarks>
    void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result);

    /// <summary>Answers a read-only operation. Must not change the state.</summary>
    /// <exception cref="OperationRejectedException">The operation is malformed or not read-only.</exception>
    void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result);
}
