using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>⟨REQUEST, s, m, o*⟩: one numbered request of one client session, carrying a bundle of 1 .. B operations (rule N-1).</summary>
/// <remarks>Immutable. What peers digest and verify is <see cref="Envelope"/>, the bytes the client signed, never a re-encoding (B17).</remarks>
public sealed class Request
{
    /// <summary>Describes a request whose signature the host has verified.</summary>
    public Request(RequestId id, ImmutableArray<ReadOnlyMemory<byte>> operations, ReadOnlyMemory<byte> envelope)
    {
        Id = id;
        Operations = operations;
        Envelope = envelope;
    }

    /// <summary>Client, session and number.</summary>
    public RequestId Id { get; }

    /// <summary>Whether this opens a session: it names no session, and its number is the client's nonce (rule C-2).</summary>
    public bool OpensSession => Id.Session == SessionId.None;

    /// <summary>The bundle, in order: 1 .. B operations, each opaque to the protocol; none in a request that opens a session.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Operations { get; }

    /// <summary>The signed envelope exactly as received.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <summary>The epoch of the client's session key under which the request came with a good MAC for this replica: its answer can go under that key (rule A-2).
    /// 0 where the answer has to be signed. What one replica has seen, not part of the message.</summary>
    public long KeyEpoch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"REQUEST {Id} ({Operations.Length} operations)";
}
