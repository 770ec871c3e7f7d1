namespace OrleansPbft.Grains.Recording;

/// <summary>All that one replica saw and did of one checkpoint. Times are microseconds; 0 is never.</summary>
internal sealed class CheckpointRecord(int replicas) : IRecord<CheckpointRecord>
{
    /// <inheritdoc/>
    public long Key { get; private set; }

    /// <summary>Its own CHECKPOINT.</summary>
    public OwnMark Checkpoint;

    /// <summary>The CHECKPOINTs of the others.</summary>
    public PeerMark[] Checkpoints { get; } = new PeerMark[replicas];

    /// <summary>When it became stable here.</summary>
    public long StableAt { get; set; }

    /// <summary>The beginning of the digest that is stable.</summary>
    public ulong StableDigest { get; set; }

    /// <summary>When this replica executed so far, or knew that others did; 0 where nothing is known but what peers claim.</summary>
    public long BeganAt => Checkpoint.At != 0 ? Checkpoint.At : StableAt;

    /// <inheritdoc/>
    public void Reset(long key)
    {
        Key = key;
        (Checkpoint, StableAt, StableDigest) = (default, 0, 0);
        Array.Clear(Checkpoints);
    }

    /// <inheritdoc/>
    public void CopyTo(CheckpointRecord other)
    {
        other.Key = Key;
        (other.Checkpoint, other.StableAt, other.StableDigest) = (Checkpoint, StableAt, StableDigest);
        Checkpoints.CopyTo(other.Checkpoints, 0);
    }
}
