namespace OrleansPbft.Core;

/// <content>Checkpoints and the window: PBFT 4.3, rules K-1 ... K-4.</content>
public sealed partial class Replica
{
    private SequenceNumber _certified; // the newest checkpoint that q replicas vouch for; at or above the window's low end
    private HeldCheckpoint _stable; // h and its digest
    private bool _diverged;

    /// <summary>A peer's CHECKPOINT arrived; q equal ones make it stable.</summary>
    private void OnCheckpoint(Checkpoint checkpoint, Outbox outbox)
    {
        var reason =
            !_cluster.Contains(checkpoint.Sender) ? IgnoreReason.UnknownReplica :
            !_checkpoints.IsCheckpoint(checkpoint.Sequence) ? IgnoreReason.NotACheckpoint :
            _log.Admits(checkpoint.Sequence);
        if (reason != IgnoreReason.None)
        {
            Ignore(reason, checkpoint.Sender, outbox);
            return;
        }

        CountCheckpoint(checkpoint, outbox);
    }

    /// <summary>After executing a multiple of K: tells all peers what our state digests to (K-1).</summary>
    private void TakeCheckpoint(SequenceNumber sequence, Outbox outbox)
    {
        var own = new Checkpoint(sequence, _state.ComputeDigest(), _self);
        outbox.Add(Effect.Broadcast(own));
        CountCheckpoint(own, outbox);
    }

    private void CountCheckpoint(Checkpoint checkpoint, Outbox outbox)
    {
        var votes = _checkpoints.At(checkpoint.Sequence);
        switch (votes.Count(checkpoint.Sender, checkpoint.Digest))
        {
            case VoteOutcome.Duplicate:
                Ignore(IgnoreReason.Duplicate, checkpoint.Sender, outbox);
                return;
            case VoteOutcome.Equivocation:
                Ignore(IgnoreReason.Contradiction, checkpoint.Sender, outbox);
                Accuse(
                    new(EvidenceKind.EquivocatingCheckpoint, checkpoint.Sender, _view, checkpoint.Sequence, votes.VoteOf(checkpoint.Sender), checkpoint.Digest),
                    outbox);
                return;
        }

        if (votes.Agreed(_cluster.Quorum) is not { } certified) return;
        if (checkpoint.Sequence > _certified) _certified = checkpoint.Sequence;

        // Where we are still executing towards it, the window stays until we are there: what is certified can not be lost (K-4).
        if (!votes.Voters.Contains(_self)) return;
        var own = new Checkpoint(checkpoint.Sequence, votes.VoteOf(_self), _self);
        if (own.Digest == certified) Stabilise(own, outbox);
        else Diverge(own, outbox);
    }

    /// <summary>Drops the log up to a stable checkpoint, moves the window, and votes for what waited above it (K-1).</summary>
    private void Stabilise(Checkpoint own, Outbox outbox)
    {
        outbox.Add(Effect.Persist(JournalRecordKind.StableCheckpoint, _view, own.Sequence, own.Digest));
        outbox.Add(Effect.Report(ProtocolEventKind.CheckpointStable, _view, own.Sequence, own.Digest));
        _log.Truncate(own.Sequence);
        _stable = new(own.Sequence, own.Digest);
        MarkProgress();

        for (var n = _log.LowWatermark.Next; n <= _log.HighWatermark && n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is { Proposal: null, Candidate: { } waiting } slot && waiting.View == _view && _isActive && IsTimely(slot, waiting))
            {
                Accept(slot, waiting, outbox);
            }
        }

        if (IsPrimary) InformLeader(outbox);
    }

    /// <summary>Our state is not what q replicas certified: alarm, and silence until it is repaired (K-3).</summary>
    private void Diverge(Checkpoint own, Outbox outbox)
    {
        if (_diverged) return;
        _diverged = true;
        outbox.Add(Effect.Report(ProtocolEventKind.StateDiverged, _view, own.Sequence, own.Digest));
        if (IsPrimary) InformLeader(outbox);
    }
}
