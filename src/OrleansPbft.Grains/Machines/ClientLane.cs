using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Machines;

/// <summary>What waits of all clients: they take turns, and none may have more waiting than there is room left (rule C-6). Not thread-safe.</summary>
/// <remarks>Who an envelope is of is read from the key in it. That is not verified yet, and need not be: what reaches a replica from clients has come
/// through a client port, which has, or from a client grain of this process.</remarks>
internal sealed class ClientLane(LaneBounds bounds, WireLimits limits) : Lane(bounds)
{
    private readonly Dictionary<UInt128, Share> _shares = [];
    private readonly Queue<UInt128> _turns = [];

    protected override bool TryEnqueue(in Envelope envelope)
    {
        var client = ClientOf(envelope);
        if (!_shares.TryGetValue(client, out var share))
        {
            _shares.Add(client, share = new());
            _turns.Enqueue(client);
        }
        else if (share.Waiting.Count >= Bounds.Count - Count || share.Bytes + envelope.Bytes.Length > Bounds.Bytes - Bytes)
        {
            return false;
        }

        share.Waiting.Enqueue(envelope);
        share.Bytes += envelope.Bytes.Length;
        return true;
    }

    protected override bool TryDequeue(out Envelope envelope)
    {
        envelope = default;
        if (!_turns.TryDequeue(out var client)) return false;
        var share = _shares[client];
        envelope = share.Waiting.Dequeue();
        share.Bytes -= envelope.Bytes.Length;
        if (share.Waiting.Count > 0) _turns.Enqueue(client);
        else _shares.Remove(client);
        return true;
    }

    // Nobody can make a key whose first half is another's.
    private UInt128 ClientOf(in Envelope envelope) =>
        EnvelopeFrame.TryRead(envelope.Bytes, limits, out var frame) == RejectReason.None && frame.IsFromClient
            ? BinaryPrimitives.ReadUInt128LittleEndian(frame.ClientKey.Span)
            : default;

    private sealed class Share
    {
        public Queue<Envelope> Waiting { get; } = [];

        public long Bytes { get; set; }
    }
}
