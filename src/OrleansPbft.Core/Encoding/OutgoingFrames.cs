namespace OrleansPbft.Core;

/// <summary>Envelopes that wait for a link, bounded by their bytes, and packed many to a message. Not thread-safe.</summary>
/// <param name="bytesMax">The most bytes that wait, headers included.</param>
public sealed class OutgoingFrames(int bytesMax)
{
    private readonly Queue<(ReplicaId Replica, ReadOnlyMemory<byte> Envelope)> _frames = [];

    /// <summary>How many frames wait.</summary>
    public int Count => _frames.Count;

    /// <summary>How many bytes the waiting frames take, headers included.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether an envelope of this length finds room without another making place.</summary>
    public bool HasRoom(int envelopeBytes) => LinkFrame.BytesOf(envelopeBytes) <= bytesMax - Bytes;

    /// <summary>Takes an envelope, which must not change any more; false, and nothing happens, when there is no room for it.</summary>
    public bool TryAdd(ReplicaId replica, ReadOnlyMemory<byte> envelope)
    {
        if (!HasRoom(envelope.Length)) return false;
        _frames.Enqueue((replica, envelope));
        Bytes += LinkFrame.BytesOf(envelope.Length);
        return true;
    }

    /// <summary>The same with a notice right before the envelope: there is room for both, or neither is taken.</summary>
    public bool TryAdd(ReplicaId replica, ReadOnlyMemory<byte> envelope, byte[] notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        if (!HasRoom(envelope.Length + LinkFrame.BytesOf(notice.Length))) return false;
        TryAdd(new(LinkNotice.Replica), notice);
        return TryAdd(replica, envelope);
    }

    /// <summary>Takes an envelope in place of the oldest waiting ones, as many as have to go.</summary>
    /// <returns>How many were dropped, the new one included when it is larger than all the room there is.</returns>
    public int AddDroppingOldest(ReplicaId replica, ReadOnlyMemory<byte> envelope)
    {
        if (LinkFrame.BytesOf(envelope.Length) > bytesMax) return 1;
        var dropped = 0;
        for (; !TryAdd(replica, envelope); dropped++) Bytes -= LinkFrame.BytesOf(_frames.Dequeue().Envelope.Length);
        return dropped;
    }

    /// <summary>Drops the oldest waiting ones until no more than <paramref name="bytes"/> wait.</summary>
    /// <returns>How many were dropped.</returns>
    public int DropOldest(int bytes)
    {
        var dropped = 0;
        for (; Bytes > bytes; dropped++) Bytes -= LinkFrame.BytesOf(_frames.Dequeue().Envelope.Length);
        return dropped;
    }

    /// <summary>How many bytes the next message takes: as many waiting frames as fit into <paramref name="messageBytes"/>, and at least one.</summary>
    public int NextMessageBytes(int messageBytes)
    {
        var bytes = 0;
        foreach (var (_, envelope) in _frames)
        {
            var frame = LinkFrame.BytesOf(envelope.Length);
            if (bytes > 0 && bytes + frame > messageBytes) break;
            bytes += frame;
        }

        return bytes;
    }

    /// <summary>Takes out the oldest frames and writes them, until exactly <paramref name="message"/> is full.</summary>
    /// <param name="message">As long as <see cref="NextMessageBytes"/> said.</param>
    public void TakeMessage(Span<byte> message)
    {
        var writer = new WireWriter(message);
        while (writer.Position < message.Length)
        {
            var (replica, envelope) = _frames.Dequeue();
            LinkFrame.Write(ref writer, replica, envelope.Span);
            Bytes -= LinkFrame.BytesOf(envelope.Length);
        }
    }

    /// <summary>Forgets all that waits.</summary>
    public void Clear()
    {
        _frames.Clear();
        Bytes = 0;
    }
}
