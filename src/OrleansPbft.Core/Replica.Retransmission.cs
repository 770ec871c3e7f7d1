namespace OrleansPbft.Core;

/// <content>What was lost is sent again, and who missed something is brought to the present (rule VC-9; PBFT 5.2).</content>
public sealed partial class Replica
{
    /// <summary>How many sequence numbers one STATUS is answered for, and how many are sent again at a time.</summary>
    private const int ResendMax = 16;

    /// <summary>How many waiting requests a primary that makes no progress hands to its leader again at a time.</summary>
    private const int ReorderMax = 64;

    private readonly Instant[] _statusAnswered;
    private Instant _statusDue = Instant.Never;
    private bool _isIdle = true; // as _statusDue was set

    /// <summary>Whether something is under way that peers could have lost, or that we have.</summary>
    private bool HasOpenWork =>
        !_isActive || _suspecting || IsLearner || _wanted.Count > 0 || _pending.Count > 0 || IsTransferring || MissedViewChange ||
        _log.HighestOpen > LastExecuted || _certified > StableCheckpoint || _vouched.Sequence > LastExecuted ||
        LastExecuted.Value / _options.CheckpointInterval * _options.CheckpointInterval > StableCheckpoint.Value;

    private void MarkProgress() => _statusDue = Instant.Never;

    /// <summary>Without progress for a while: says where we stand, and sends what is open again. With nothing open, only and seldom the first.</summary>
    private void WatchProgress(Outbox outbox)
    {
        if (_cluster.Replicas == 1) return;
        var isIdle = !HasOpenWork;
        var interval = isIdle ? _options.HeartbeatInterval : _options.StatusInterval;
        if (_statusDue == Instant.Never || isIdle != _isIdle) _statusDue = _now.Plus(interval);
        _isIdle = isIdle;
        if (_now < _statusDue) return;

        _statusDue = _now.Plus(interval);
        NoticeFallingBehind(outbox);
        outbox.Add(Effect.Broadcast(OwnStatus));
        if (isIdle || _diverged) return;

        if (_ownViewChange is not null) outbox.Add(Effect.Broadcast(_ownViewChange));
        if (_suspecting) outbox.Add(Effect.Broadcast(new Suspect(_view, _self)));
        FetchWantedAgain(outbox);
        if (IsLearner)
        {
            ShowFormer(outbox);
            return;
        }

        if (IsPrimary && _isActive) ReorderPending(outbox);
        foreach (var peer in _cluster.All.Without(_self)) Resend(peer, LastExecuted, withVotes: true, outbox);
    }

    private Status OwnStatus =>
        new(_view, _isActive, StableCheckpoint, LastExecuted, _self) { HighestPrepared = HighestPrepared, Life = IsLearner ? _life : 0 };

    /// <summary>A peer says where it stands: it gets what it lacks of ours, as often as it can use it (N-8); where it is ahead, it is told.</summary>
    private void OnStatus(Status status, Outbox outbox)
    {
        if (!IsPeer(status.Sender, outbox)) return;
        NoteView(status.Sender, status.View);
        NoteAnswer(status, outbox);
        ref var answered = ref _statusAnswered[status.Sender.Index];
        if (_now < answered.Plus(_options.StatusInterval / 2))
        {
            Ignore(IgnoreReason.TooSoon, status.Sender, outbox);
            return;
        }

        answered = _now;
        var before = outbox.Count;
        if (status.Life != 0)
        {
            AnswerLearner(status, outbox);
        }
        else if (status.View > _view || status.LastExecuted > LastExecuted || status.StableCheckpoint > StableCheckpoint)
        {
            outbox.Add(Effect.Send(status.Sender, OwnStatus));
        }

        if (!IsSilent)
        {
            ResendView(status, outbox);
            if (status.StableCheckpoint < StableCheckpoint && !IsTransferring && KnowsStable)
            {
                outbox.Add(Effect.Send(status.Sender, new Checkpoint(StableCheckpoint, _stable.Digest, _self)));
            }

            Resend(status.Sender, status.LastExecuted, withVotes: status.View == _view && status.IsActive, outbox);
        }

        if (outbox.Count > before)
        {
            outbox.Add(Effect.Report(ProtocolEventKind.Resent, _view, status.LastExecuted, about: status.Sender, amount: outbox.Count - before));
        }
    }

    /// <summary>A peer that is in an earlier view, or waits for the NEW-VIEW of ours, gets what moves it on (LESSONS B27, B28).</summary>
    /// <remarks>So does one that is behind the base we adopted: where a lying primary showed that NEW-VIEW to us alone, and f liars are silent
    /// since, no later view could begin: too few are not beyond the old base, and too few hold the new one (VC-4).</remarks>
    private void ResendView(Status status, Outbox outbox)
    {
        var isBehind = status.View < _view || (status.View == _view && !status.IsActive && _isActive);
        if (isBehind && _ownViewChange is not null) outbox.Add(Effect.Send(status.Sender, _ownViewChange));
        if (status.View < _view) RelaySuspects(status, outbox);
        RelayDisproof(status, outbox);

        var needsView = isBehind && _newView is not null;
        var proof = needsView ? _newView : _baseProof;
        if (proof is null || (!needsView && status.StableCheckpoint >= proof.Decision.Base.Sequence)) return;
        Show(status.Sender, proof, outbox);
    }

    private static void Show(ReplicaId peer, NewView newView, Outbox outbox)
    {
        if (newView.Envelope.IsEmpty) outbox.Add(Effect.Send(peer, newView)); // our own
        else if (newView.Sender != peer) outbox.Add(Effect.Relay(peer, newView));
    }

    /// <summary>What made us leave a view that the peer is still in, as far as it is known still: relayed once, it may have been lost (VC-1).</summary>
    private void RelaySuspects(Status status, Outbox outbox)
    {
        foreach (var suspect in _suspects)
        {
            if (suspect?.View != status.View || suspect.Sender == status.Sender) continue;
            outbox.Add(suspect.Sender == _self ? Effect.Send(status.Sender, suspect) : Effect.Relay(status.Sender, suspect));
        }
    }

    /// <summary>A peer that missed views may name in P what a NEW-VIEW that we entered disproves. Q names a few digests for one n only, so nobody may
    /// be left who could confirm it, and it would keep every later view from beginning: it is shown that NEW-VIEW (VC-4).</summary>
    private void RelayDisproof(Status status, Outbox outbox)
    {
        if (_isActive || _lastView is not { } last || _viewChanges[status.Sender.Index] is not { } theirs || theirs.View != _view) return;
        foreach (var entry in theirs.Prepared)
        {
            if (!last.Disproves(entry)) continue;
            Show(status.Sender, last, outbox);
            return;
        }
    }

    /// <summary>Sends <paramref name="peer"/> the proposals and our own votes for the next sequence numbers, and our open checkpoints.</summary>
    private void Resend(ReplicaId peer, SequenceNumber executed, bool withVotes, Outbox outbox)
    {
        var from = executed < StableCheckpoint ? StableCheckpoint : executed;
        for (var n = from.Next; withVotes && _isActive && n.Value <= from.Value + ResendMax && n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is not { Proposal: { } proposal } slot) continue;
            if (proposal.Envelope.IsEmpty && proposal.Sender == _self && slot.Chosen is null) outbox.Add(Effect.Send(peer, proposal)); // from before a restart
            else if (!proposal.Envelope.IsEmpty && peer != proposal.Sender) outbox.Add(Effect.Relay(peer, proposal));
            if (slot.Prepares.Voters.Contains(_self)) outbox.Add(Effect.Send(peer, new Vote(VotePhase.Prepare, _view, n, proposal.Digest, _self)));
            if (slot.Commits.Voters.Contains(_self)) outbox.Add(Effect.Send(peer, new Vote(VotePhase.Commit, _view, n, proposal.Digest, _self)));
        }

        for (var n = StableCheckpoint.Plus(_options.CheckpointInterval); n <= LastExecuted; n = n.Plus(_options.CheckpointInterval))
        {
            if (_checkpoints.Find(n) is { } votes && votes.Voters.Contains(_self)) outbox.Add(Effect.Send(peer, new Checkpoint(n, votes.VoteOf(_self), _self)));
        }
    }

    private void FetchWantedAgain(Outbox outbox)
    {
        if (_wanted.Count == 0) return;
        if (_newView is not null) FetchWanted(_newView.ViewChanges, outbox);
        else TryBeginView(outbox);
    }

    /// <summary>What our leader seems to have lost: what waits for half its time and is in no proposal. It knows those that it has.</summary>
    private void ReorderPending(Outbox outbox)
    {
        if (_pending.Oldest is not { } oldest || oldest.Since > _now.Plus(-_options.RequestTimeout / 2)) return;
        var proposed = RequestsProposed();
        var waiting = new List<Request>();
        _pending.CopyTo(waiting, ReorderMax);
        foreach (var request in waiting)
        {
            if (!proposed.Contains(request.Id)) outbox.Add(Effect.Order(request));
        }
    }
}
