namespace OrleansPbft.Core;

/// <summary>Executes again what a former life of a replica committed between the newest state it kept and its last stable checkpoint (rule D-3).</summary>
/// <remarks>
/// Every stable checkpoint on the way names the digest that q replicas certified, so a replay that goes wrong is found out. Where a batch is
/// missing, because the state was fetched past it, the replay ends: the replica is behind, and fetches the state at its window's start.
/// </remarks>
internal sealed class CommittedReplay(ReplicatedState state, ReplicaId self, IReadOnlyDictionary<SequenceNumber, Digest> checkpoints)
{
    private readonly Dictionary<SequenceNumber, List<Batch>> _batches = []; // pre-prepared, and not executed yet: of a window or two
    private readonly Dictionary<SequenceNumber, Digest> _committed = []; // and not executed yet
    private readonly Outbox _outbox = new(); // what was answered then is in the sessions

    /// <summary>A proposal at n, of whatever view.</summary>
    public void Note(PrePrepare proposal)
    {
        if (proposal.Sequence <= state.LastExecuted) return;
        if (!_batches.TryGetValue(proposal.Sequence, out var batches)) _batches.Add(proposal.Sequence, batches = []);
        batches.Add(proposal.Batch);
        ExecuteReady();
    }

    /// <summary>d committed at n.</summary>
    /// <exception cref="ArgumentException">The state at a stable checkpoint is not the one that was certified.</exception>
    public void Commit(in JournalRecord record)
    {
        if (record.Sequence <= state.LastExecuted) return;
        _committed[record.Sequence] = record.Digest;
        ExecuteReady();
    }

    private void ExecuteReady()
    {
        while (_committed.TryGetValue(state.LastExecuted.Next, out var digest) && BatchOf(state.LastExecuted.Next, digest) is { } batch)
        {
            var next = state.LastExecuted.Next;
            _committed.Remove(next);
            _batches.Remove(next);
            state.Execute(next, batch, View.Initial, self, _outbox);
            _outbox.Clear();
            if (checkpoints.TryGetValue(next, out var certified) && state.ComputeDigest() is var actual && actual != certified)
            {
                throw new ArgumentException(
                    $"Executing the journal again gives d:{actual} at {next}, where the cluster certified d:{certified}: service and options must be the ones it was "
                    + "written with. If they are, let the replica learn its state from the others: move its journal away and start it with an empty one.");
            }
        }
    }

    private Batch? BatchOf(SequenceNumber sequence, Digest digest) =>
        digest == BatchEncoding.Null.Digest ? BatchEncoding.Null : _batches.GetValueOrDefault(sequence)?.Find(batch => batch.Digest == digest);
}
