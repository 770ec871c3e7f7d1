using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>What an envelope says it answers, read before anything is verified: most replies need no verification at all.</summary>
internal static class ReplyHeader
{
    /// <summary>Reads whose request a REPLY answers; false when the envelope is no REPLY of this cluster. Proves nothing.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> envelope, WireLimits limits, ClusterId cluster, out RequestId request)
    {
        request = default;
        if (EnvelopeFrame.TryRead(envelope, limits, out var frame) != RejectReason.None
            || frame.Kind != MessageKind.Reply
            || frame.IsFromClient
            || frame.Cluster != cluster) return false;

        var reader = new WireReader(frame.Body);
        if (!reader.TryReadInt64(out _) // the view
            || !reader.TryReadIdentifier(out var client)
            || !reader.TryReadInt64(out var session)
            || !reader.TryReadInt64(out var number)) return false;
        request = new(new(client), new(session), number);
        return true;
    }
}
