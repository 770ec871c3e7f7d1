namespace OrleansPbft.Grains;

/// <summary>Sealed bytes on their way between grains, with what travels beside them: opaque, not authenticated, never trusted.</summary>
/// <remarks>Whoever makes one must not change <see cref="Bytes"/> afterwards: all destinations in a process share them.</remarks>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.Envelope")]
public readonly struct Envelope
{
    /// <summary>What <see cref="Origin"/> says of envelopes that come from clients.</summary>
    public const int FromClients = -1;

    /// <summary>Wraps sealed bytes.</summary>
    /// <param name="bytes">A whole envelope, as docs/wire-format.md describes it.</param>
    /// <param name="origin">The id of the replica that handed it on, or <see cref="FromClients"/>.</param>
    /// <param name="traceParent">The W3C trace context it belongs to; null for none.</param>
    public Envelope(ReadOnlyMemory<byte> bytes, int origin, string? traceParent = null)
    {
        Bytes = bytes;
        Origin = origin;
        TraceParent = traceParent;
    }

    /// <summary>A whole envelope, as docs/wire-format.md describes it.</summary>
    [Id(0)]
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Who handed it on, as the transport knows it: a replica's id, or <see cref="FromClients"/>. Room is bounded by it (rule
    /// N-8); who <em>sealed</em> it is in the bytes.</summary>
    [Id(1)]
    public int Origin { get; init; }

    /// <summary>The W3C trace context it belongs to; null for none. Outside what is signed, so a hint for instruments only.</summary>
    [Id(2)]
    public string? TraceParent { get; init; }
}
