
namespace OrleansPbft.Grains.Machines;

/// <summary>What waits of one origin, in its order. Not thread-safe.</summary>
internal class Lane(LaneBounds bounds)
{
    private readonly Queue<Envelope> _envelopes = [];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    public bool IsBelowHalf => 2 * Count < bounds.Count && 2 * Bytes < bounds.Bytes;

    protected LaneBounds Bounds => bounds;

    protected long Bytes { get; private set; }

    /// <summary>Takes an envelope in where there is room.</summary>
    public bool TryAdd(in Envelope envelope)
    {
        if (Count >= bounds.Count || Bytes + envelope.Bytes.Length > bounds.Bytes || !TryEnqueue(envelope)) return false;
        Count++;
        Bytes += envelope.Bytes.Length;
        return true;
    }

    /// <summary>Takes out the next; false where none waits.</summary>
    public bool TryTake(out Envelope envelope)
    {
        if (!TryDequeue(out envelope)) return false;
        Count--;
        Bytes -= envelope.Bytes.Length;
        return true;
    }

    protected virtual bool TryEnqueue(in Envelope envelope)
    {
        _envelopes.Enqueue(envelope);
        return true;
    }

    protected virtual bool TryDequeue(out Envelope envelope) => _envelopes.TryDequeue(out envelope);
}
