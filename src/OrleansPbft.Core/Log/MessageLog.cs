namespace OrleansPbft.Core;

/// <summary>The slots of (h, h + 2L]: the window, and one window ahead for the messages of faster peers (rules N-8, K-4).</summary>
internal sealed class MessageLog
{
    private readonly Slot?[] _ring;
    private readonly ClusterSize _cluster;
    private readonly int _window;

    public MessageLog(ClusterSize cluster, int window)
    {
        _cluster = cluster;
        _window = window;
        _ring = new Slot[2 * window];
    }

    /// <summary>h: the last stable checkpoint, and the low watermark.</summary>
    public SequenceNumber LowWatermark { get; private set; }

    /// <summary>h + L: the last sequence number this replica votes for.</summary>
    public SequenceNumber HighWatermark => LowWatermark.Plus(_window);

    /// <summary>h + 2L: the last sequence number anything is kept for.</summary>
    public SequenceNumber LastKept => LowWatermark.Plus(2L * _window);

    /// <summary>The highest sequence number that a primary proposed or f + 1 replicas voted at; h at least. One liar can not raise it.</summary>
    public SequenceNumber HighestOpen { get; private set; }

    /// <summary>Why nothing is kept for <paramref name="sequence"/>; <see cref="IgnoreReason.None"/> when it is.</summary>
    public IgnoreReason Admits(SequenceNumber sequence) =>
        sequence <= LowWatermark ? IgnoreReason.BelowWindow :
        sequence > LastKept ? IgnoreReason.AboveWindow : IgnoreReason.None;

    /// <summary>The slot of <paramref name="sequence"/>, which must be in (h, h + 2L].</summary>
    public Slot At(SequenceNumber sequence)
    {
        ref var slot = ref _ring[sequence.Value % _ring.Length];
        slot ??= new(_cluster);
        if (slot.Sequence != sequence) slot.Reset(sequence);
        return slot;
    }

    /// <summary>Takes note that <paramref name="sequence"/> is under way.</summary>
    public void MarkOpen(SequenceNumber sequence)
    {
        if (sequence > HighestOpen) HighestOpen = sequence;
    }

    /// <summary>The slot of <paramref name="sequence"/> when something is known of it.</summary>
    public Slot? Find(SequenceNumber sequence)
    {
        if (Admits(sequence) != IgnoreReason.None) return null;
        var slot = _ring[sequence.Value % _ring.Length];
        return slot?.Sequence == sequence ? slot : null;
    }

    /// <summary>The view ends: forgets its votes and proposals. What is under way is what the next view chooses.</summary>
    public void LeaveView()
    {
        foreach (var slot in _ring) slot?.LeaveView();
        HighestOpen = LowWatermark;
    }

    /// <summary>Drops everything up to <paramref name="checkpoint"/> and moves the window there (rule K-1).</summary>
    public void Truncate(SequenceNumber checkpoint)
    {
        // Dropped slots are cleared at once, not when reused: a batch holds the buffer it was received in.
        for (var n = LowWatermark.Next; n <= checkpoint; n = n.Next)
        {
            var slot = _ring[n.Value % _ring.Length];
            if (slot?.Sequence == n) slot.Reset(SequenceNumber.Zero);
            if (n.Value - LowWatermark.Value >= _ring.Length) break;
        }

        LowWatermark = checkpoint;
        if (HighestOpen < checkpoint) HighestOpen = checkpoint;
    }
}
