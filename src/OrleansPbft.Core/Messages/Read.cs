using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>⟨READ, m, o*⟩: read-only operations that one client asks all replicas, outside any session and without ordering (rule C-7).</summary>
/// <remarks>Immutable. A replica answers all of them from one state.</remarks>
public sealed class Read
{
    /// <summary>Describes a read whose signature the host has verified.</summary>
    public Read(ClientId client, long number, ImmutableArray<ReadOnlyMemory<byte>> operations, ReadOnlyMemory<byte> envelope)
    {
        Client = client;
        Number = number;
        Operations = operations;
        Envelope = envelope;
    }

    /// <summary>Whose key signed it.</summary>
    public ClientId Client { get; }

    /// <summary>m, 1 or more: the client gives no two reads the same, so that no answer to an earlier one passes for one to this.</summary>
    public long Number { get; }

    /// <summary>The operations, in order: 1 .. B of them, each opaque to the protocol.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Operations { get; }

    /// <summary>The signed envelope exactly as received.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <inheritdoc cref="Request.KeyEpoch"/>
    public long KeyEpoch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"READ {Client.ToString()[..8]}/{Number} ({Operations.Length} operations)";
}
