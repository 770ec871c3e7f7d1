namespace OrleansPbft.Core;

/// <summary>CHECKPOINT votes for the multiples of K in (h, h + 2L]: one of each replica for each (rules K-1, N-8).</summary>
internal sealed class CheckpointLog
{
    private readonly (SequenceNumber Sequence, VoteTally Votes)[] _ring;
    private readonly int _interval;

    public CheckpointLog(ClusterSize cluster, int interval, int window)
    {
        _interval = interval;
        _ring = new (SequenceNumber, VoteTally)[(2 * window / interval) + 1];
        for (var i = 0; i < _ring.Length; i++) _ring[i] = (SequenceNumber.Zero, new(cluster.Replicas));
    }

    /// <summary>Whether a checkpoint is taken at <paramref name="sequence"/>.</summary>
    public bool IsCheckpoint(SequenceNumber sequence) => sequence.Value % _interval == 0;

    /// <summary>The votes at <paramref name="sequence"/>, a multiple of K in (h, h + 2L].</summary>
    public VoteTally At(SequenceNumber sequence)
    {
        ref var entry = ref _ring[sequence.Value / _interval % _ring.Length];
        if (entry.Sequence != sequence)
        {
            entry.Sequence = sequence;
            entry.Votes.Clear();
        }

        return entry.Votes;
    }

    /// <summary>The votes at <paramref name="sequence"/> when there are any.</summary>
    public VoteTally? Find(SequenceNumber sequence)
    {
        ref var entry = ref _ring[sequence.Value / _interval % _ring.Length];
        return entry.Sequence == sequence ? entry.Votes : null;
    }

    /// <summary>Forgets all votes of one replica.</summary>
    public void Forget(ReplicaId voter)
    {
        foreach (var (_, votes) in _ring) votes.Forget(voter);
    }
}
