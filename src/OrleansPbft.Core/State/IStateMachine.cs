using System.Buffers;

namespace OrleansPbft.Core;

/// <summary>The service to replicate. Called by one thread at a time, in the one order all correct replicas share.</summary>
public interface IStateMachine
{
    /// <summary>Names the service and its version of the operation format; part of the configuration every replica must share.</summary>
    string Name { get; }

    /// <summary>The whole state, with all that was applied: the service's own tree, brought up to date when it is asked for.</summary>
    /// <remarks>Equal states, equal roots. What this costs should follow what changed since the last time (K-2).</remarks>
    StateTree State { get; }

    /// <summary>The root of <see cref="State"/>.</summary>
    Digest Root => State.Root;

    /// <summary>Applies one ordered operation and writes its result. Deterministic: nothing but state, operation and context (S-1).</summary>
    /// <exception cref="OperationRejectedException">The operation is malformed or not allowed. The state must be unchanged.</exception>
    /// <remarks>Whatever it throws, the state must be unchanged; every replica then answers the same error (S-3).</remarks>
    void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result);

    /// <summary>Answers a read-only operation. Must not change the state.</summary>
    /// <exception cref="OperationRejectedException">The operation is malformed or not read-only.</exception>
    void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result);

    /// <summary>Becomes what <paramref name="state"/> says, whatever it was before; the tree is the service's own from here on (rule ST-1).</summary>
    /// <returns>False where it is no state of this service, which is then unchanged.</returns>
    bool Restore(StateTree state);

    /// <summary>Forgets every digest it keeps, so that <see cref="State"/> is taken of the bytes as they are now (rule K-3).</summary>
    /// <remarks>Nothing to do for a service that fills its tree anew each time it is asked.</remarks>
    void Rehash()
    {
    }
}
