namespace OrleansPbft.Core;

/// <content>Checkpoints and the window: PBFT 4.3, rules K-1 ... K-4.</content>
public sealed partial class Replica
{
    private readonly Checkpoint?[] _far; // the last that each replica sent beyond what is kept
    private HeldCheckpoint _stable; // h and its digest; zero beyond n = 0 where that was never seen, but proven to be stable
    private SequenceNumber _certified; // the newest checkpoint that q replicas vouch for
    private bool _diverged;
    private bool _abdicated; // diverged as the primary of this view: what it proposed meanwhile it can not know, so it leads no more in it

    /// <summary>A peer's CHECKPOINT arrived; q equal ones make it stable.</summary>
    private void OnCheckpoint(Checkpoint checkpoint, Outbox outbox)
    {
        var reason =
            !_cluster.Contains(checkpoint.Sender) ? IgnoreReason.UnknownReplica :
            !_checkpoints.IsCheckpoint(checkpoint.Sequence) ? IgnoreReason.NotACheckpoint :
            _log.Admits(checkpoint.Sequence);
        if (reason == IgnoreReason.None) CountCheckpoint(checkpoint, outbox);
        else if (reason == IgnoreReason.AboveWindow) OnFarCheckpoint(checkpoint, outbox);
        else Ignore(reason, checkpoint.Sender, outbox);
    }

    /// <summary>A checkpoint beyond all we keep: f + 1 that agree on one show that we missed more than the log holds (ST-1).</summary>
    private void OnFarCheckpoint(Checkpoint checkpoint, Outbox outbox)
    {
        _far[checkpoint.Sender.Index] = checkpoint; // the last received, not the highest: each says again what is stable, and that is what f + 1 agree on
        var target = new HeldCheckpoint(checkpoint.Sequence, checkpoint.Digest);
        if (VouchersOf(target) < _cluster.WeakQuorum) return;
        Vouch(target);
        if (_download is null) BeginTransfer(target, outbox);
    }

    private bool KnowsStable => StableCheckpoint == SequenceNumber.Zero || _stable.Digest != Digest.Zero;

    /// <summary>The window moved: checkpoints that were beyond it count now.</summary>
    private void TakeFar(Outbox outbox)
    {
        for (var i = 0; i < _far.Length; i++)
        {
            if (_far[i] is not { } far || _log.Admits(far.Sequence) == IgnoreReason.AboveWindow) continue;
            _far[i] = null;
            if (_log.Admits(far.Sequence) == IgnoreReason.None) CountCheckpoint(far, outbox);
        }
    }

    /// <summary>After executing a multiple of K: tells all peers what our state digests to (K-1), and keeps it for those who fell behind.</summary>
    private void TakeCheckpoint(SequenceNumber sequence, Outbox outbox)
    {
        var snapshot = _state.TakeSnapshot();
        _snapshots.Add(snapshot);
        var own = new Checkpoint(sequence, snapshot.Digest, _self);
        if (!IsLearner) outbox.Add(Effect.Broadcast(own));
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
                votes.Forget(checkpoint.Sender); // a repaired replica takes back what it said (K-3); a liar has one vote all the same
                votes.Count(checkpoint.Sender, checkpoint.Digest);
                break;
        }

        if (votes.Agreed(_cluster.WeakQuorum) is { } vouched)
        {
            Vouch(new(checkpoint.Sequence, vouched)); // with f liars who say something else, there may never be q
            if (_download?.Sequence == checkpoint.Sequence) FollowTarget(outbox);
        }

        if (votes.Agreed(_cluster.Quorum) is not { } digest) return;
        var certified = new HeldCheckpoint(checkpoint.Sequence, digest);
        if (certified.Sequence > _certified) _certified = certified.Sequence;
        if (certified.Sequence >= _baseProof?.Decision.Base.Sequence) _baseProof = null;

        // Where we are still executing towards it, the window stays until we are there: what is certified can not be lost (K-4).
        if (!votes.Voters.Contains(_self)) return;
        if (votes.VoteOf(_self) == digest) Stabilise(certified, outbox);
        else Diverge(certified, outbox);
    }

    /// <summary>Drops the log up to a stable checkpoint, moves the window, and votes for what waited above it (K-1).</summary>
    private void Stabilise(HeldCheckpoint stable, Outbox outbox)
    {
        outbox.Add(Effect.Persist(
            JournalRecordKind.StableCheckpoint, _view, stable.Sequence, stable.Digest, _snapshots.Find(one => one.Sequence == stable.Sequence)));
        outbox.Add(Effect.Report(ProtocolEventKind.CheckpointStable, _view, stable.Sequence, stable.Digest));
        _log.Truncate(stable.Sequence);
        _stable = stable;
        ForgetWanted();
        while (_snapshots.Count > SnapshotsKept && _snapshots[SnapshotsKept].Sequence <= stable.Sequence) _snapshots.RemoveAt(0);
        MarkProgress();
        VoteForWaiting(outbox);
        if (IsPrimary) InformLeader(outbox);
    }

    /// <summary>The window moved: proposals that were ahead of it are voted for now (LESSONS B16).</summary>
    private void VoteForWaiting(Outbox outbox)
    {
        for (var n = _log.LowWatermark.Next; _isActive && !IsLearner && n <= _log.HighWatermark && n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is { Proposal: null, Candidate: { } waiting } slot && waiting.View == _view
                && (slot.Chosen is not { } chosen || chosen == waiting.Digest) && IsTimely(slot, waiting))
            {
                Accept(slot, waiting, outbox);
            }
        }
    }

    /// <summary>Our state is not what q replicas certified: alarm, and silence until it is repaired (K-3).</summary>
    private void Diverge(HeldCheckpoint certified, Outbox outbox)
    {
        if (_diverged) return;
        _diverged = _abdicated = true;
        outbox.Add(Effect.Report(ProtocolEventKind.StateDiverged, _view, certified.Sequence, _checkpoints.At(certified.Sequence).VoteOf(_self)));
        if (IsPrimary) InformLeader(outbox);
        _download = null; // its start was our own state, which is wrong
        BeginTransfer(certified, outbox);
    }
}
