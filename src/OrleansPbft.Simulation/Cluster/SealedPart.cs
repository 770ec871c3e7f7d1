using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Of a client's envelope, what its seal is about.</summary>
internal static class SealedPart
{
    /// <summary>Everything before the seal.</summary>
    public static ReadOnlySpan<byte> Of(Request request) => request.Envelope.Span[..BytesOf(request.Envelope.Span)];

    /// <summary>How long that is.</summary>
    public static int BytesOf(ReadOnlySpan<byte> envelope)
    {
        var header = EnvelopeEncoding.HeaderBytes(MessageKind.Request);
        return header + BinaryPrimitives.ReadInt32LittleEndian(envelope[(header - sizeof(uint))..]);
    }
}
