using OrleansPbft.Core;

namespace OrleansPbft.Journal.Writing;

/// <summary>Up to where the journal, from its newest snapshot on, leads: which sequence numbers have both their batch and their commit in it, without a gap.</summary>
/// <remarks>A replica that fetched its state jumped over some. Then a snapshot is needed at once: without it the journal would lead to where the gap begins.</remarks>
internal sealed class ReplayTrack
{
    private readonly HashSet<(long Sequence, Digest Digest)> _batches = [];
    private readonly Dictionary<long, Digest> _committed = [];

    /// <summary>The sequence number of the newest snapshot.</summary>
    public long Snapshot { get; private set; }

    /// <summary>The last sequence number that can be executed again from the newest snapshot on.</summary>
    public long ReplayableTo { get; private set; }

    /// <summary>A record was appended.</summary>
    public void Note(JournalRecordKind kind, long sequence, in Digest digest)
    {
        if (sequence <= ReplayableTo) return;
        switch (kind)
        {
            case JournalRecordKind.PrePrepared: _batches.Add((sequence, digest)); break;
            case JournalRecordKind.Committed: _committed[sequence] = digest; break;
            default: return;
        }

        Advance();
    }

    /// <summary>A snapshot at a sequence number became durable.</summary>
    public void OnSnapshot(long sequence)
    {
        Snapshot = sequence;
        if (sequence <= ReplayableTo) return;
        ReplayableTo = sequence;
        Advance();
        _batches.RemoveWhere(one => one.Sequence <= ReplayableTo);
        foreach (var covered in _committed.Keys.Where(one => one <= ReplayableTo).ToList()) _committed.Remove(covered);
    }

    private void Advance()
    {
        while (_committed.TryGetValue(ReplayableTo + 1, out var digest) && (digest == BatchEncoding.Null.Digest || _batches.Contains((ReplayableTo + 1, digest))))
        {
            ReplayableTo++;
            _committed.Remove(ReplayableTo);
            _batches.Remove((ReplayableTo, digest));
        }
    }
}
