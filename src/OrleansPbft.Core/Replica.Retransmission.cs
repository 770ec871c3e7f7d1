namespace OrleansPbft.Core;

/// <content>What was lost is sent again: the normal case of rule VC-9 (PBFT 5.2).</content>
public sealed partial class Replica
{
    /// <summary>How many sequence numbers one STATUS is answered for, and how many are sent again at a time.</summary>
    private const int ResendMax = 16;

    private readonly Instant[] _statusAnswered;
    private Instant _statusDue = Instant.Never;

    /// <summary>Whether something is under way that peers could have lost.</summary>
    private bool HasOpenWork =>
        _log.HighestOpen > LastExecuted || _certified > StableCheckpoint ||
        LastExecuted.Value / _options.CheckpointInterval * _options.CheckpointInterval > StableCheckpoint.Value;

    private void MarkProgress() => _statusDue = Instant.Never;

    /// <summary>Without progress for a while, with work open: says where we stand and sends our own open messages again.</summary>
    private void WatchProgress(Outbox outbox)
    {
        if (_diverged || !HasOpenWork)
        {
            _statusDue = Instant.Never;
            return;
        }

        if (_statusDue == Instant.Never) _statusDue = _now.Plus(_options.StatusInterval);
        if (_now < _statusDue) return;

        _statusDue = _now.Plus(_options.StatusInterval);
        NoticeFallingBehind(outbox);
        outbox.Add(Effect.Broadcast(new Status(_view, StableCheckpoint, LastExecuted, _self)));
        foreach (var peer in _cluster.All.Without(_self)) Resend(peer, LastExecuted, outbox);
    }

    /// <summary>A peer says where it stands: it gets our own messages for what it lacks, as often as it can use them (N-8).</summary>
    private void OnStatus(Status status, Outbox outbox)
    {
        if (!_cluster.Contains(status.Sender) || status.Sender == _self)
        {
            Ignore(IgnoreReason.UnknownReplica, status.Sender, outbox);
            return;
        }

        ref var answered = ref _statusAnswered[status.Sender.Index];
        if (_diverged || _now < answered.Plus(_options.StatusInterval / 2))
        {
            Ignore(IgnoreReason.TooSoon, status.Sender, outbox);
            return;
        }

        answered = _now;
        var before = outbox.Count;
        if (status.StableCheckpoint < StableCheckpoint && _ownStable is not null) outbox.Add(Effect.Send(status.Sender, _ownStable));
        Resend(status.Sender, status.LastExecuted, outbox);
        if (outbox.Count > before)
        {
            outbox.Add(Effect.Report(ProtocolEventKind.Resent, _view, status.LastExecuted, about: status.Sender, amount: outbox.Count - before));
        }
    }

    /// <summary>Sends <paramref name="peer"/> the proposal and our own votes for the next sequence numbers, and our open checkpoints.</summary>
    private void Resend(ReplicaId peer, SequenceNumber executed, Outbox outbox)
    {
        var from = executed < StableCheckpoint ? StableCheckpoint : executed;
        for (var n = from.Next; n.Value <= from.Value + ResendMax && n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is not { Proposal: { } proposal } slot) continue;
            if (!proposal.Envelope.IsEmpty && peer != proposal.Sender) outbox.Add(Effect.Relay(peer, proposal));
            if (slot.Prepares.Voters.Contains(_self)) outbox.Add(Effect.Send(peer, new Vote(VotePhase.Prepare, _view, n, proposal.Digest, _self)));
            if (slot.Commits.Voters.Contains(_self)) outbox.Add(Effect.Send(peer, new Vote(VotePhase.Commit, _view, n, proposal.Digest, _self)));
        }

        for (var n = _ownStable?.Sequence ?? SequenceNumber.Zero; n <= LastExecuted; n = n.Plus(_options.CheckpointInterval))
        {
            if (n > StableCheckpoint && _checkpoints.Find(n) is { } votes && votes.Voters.Contains(_self))
            {
                outbox.Add(Effect.Send(peer, new Checkpoint(n, votes.VoteOf(_self), _self)));
            }
        }
    }

    /// <summary>q replicas certified a state beyond ours and nothing of the way there is at hand: they dropped it.</summary>
    private void NoticeFallingBehind(Outbox outbox)
    {
        if (_fellBehind || _certified <= LastExecuted || _log.Find(LastExecuted.Next) is { Committed: not null }) return;
        _fellBehind = true;
        outbox.Add(Effect.Report(ProtocolEventKind.FellBehind, _view, _certified));
    }
}
