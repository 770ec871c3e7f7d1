namespace OrleansPbft.Core;

/// <content>The three phases: PBFT 4.2, rules N-2 ... N-6.</content>
public sealed partial class Replica
{
    private int _evidence;
    private bool _executing;

    /// <summary>The primary's proposal arrived: from the primary, relayed by a peer, or from our own leader.</summary>
    /// <remarks>Accepted once per (v, n), from primary(v) only, in the current view, for h &lt; n &lt;= h + L, with a timestamp within
    /// bounds. One further ahead, or refused, is kept without a vote: q COMMITs may name it all the same (N-4, LESSONS B16).</remarks>
    private void OnPrePrepare(PrePrepare proposal, Outbox outbox)
    {
        if (proposal.Sender != _cluster.PrimaryOf(proposal.View))
        {
            Ignore(IgnoreReason.WrongSender, proposal.Sender, outbox);
            if (_cluster.Contains(proposal.Sender))
            {
                Accuse(new(EvidenceKind.ProposalByBackup, proposal.Sender, proposal.View, proposal.Sequence, proposal.Digest, default, proposal.Envelope), outbox);
            }

            return;
        }

        if (proposal.Sender == _self && proposal.View < _view && _log.Admits(proposal.Sequence) == IgnoreReason.None)
        {
            _log.At(proposal.Sequence).NoteProposed(proposal);
        }

        if (!IsCurrent(proposal.View, proposal.Sequence, proposal.Sender, outbox)) return;

        var slot = _log.At(proposal.Sequence);
        _log.MarkOpen(proposal.Sequence);
        if (slot.Chosen is { } chosen && chosen != proposal.Digest)
        {
            OnContradiction(slot, chosen, _newView!.Envelope, proposal, outbox); // it has proposed here by its NEW-VIEW
            return;
        }

        if ((slot.Proposal ?? slot.Candidate) is { } known && known.View == proposal.View)
        {
            if (known.Digest == proposal.Digest) Ignore(IgnoreReason.Duplicate, proposal.Sender, outbox);
            else OnContradiction(slot, known.Digest, known.Envelope, proposal, outbox);
            return;
        }

        if (proposal.IsDoubtful) NoteDoubt(proposal, outbox);
        if (proposal.IsDoubtful || !_isActive || IsLearner || proposal.Sequence > _log.HighWatermark || !IsTimely(slot, proposal))
        {
            if (!proposal.IsDoubtful && _isActive && !IsLearner && proposal.Sequence <= _log.HighWatermark) Ignore(IgnoreReason.TimestampOutOfBounds, proposal.Sender, outbox);
            slot.Candidate = proposal;
            Advance(slot, outbox);
            return;
        }

        Accept(slot, proposal, outbox);
    }

    /// <summary>A request in it convinced this replica neither by its MAC nor by its signature, which the primary must have verified .</summary>
    /// <remarks>Kept without a vote. Where the MACs convince so many others that q COMMITs name it, f + 1 correct replicas know the client asked for it.</remarks>
    private void NoteDoubt(PrePrepare proposal, Outbox outbox)
    {
        Ignore(IgnoreReason.DoubtfulRequest, proposal.Sender, outbox);
        Accuse(
            new(EvidenceKind.UnverifiedRequest, proposal.Sender, proposal.View, proposal.Sequence, proposal.Digest, default, proposal.Envelope), outbox);
    }

    /// <summary>A PREPARE or COMMIT arrived; the one that completes a quorum moves its slot on.</summary>
    private void OnVote(in Vote vote, Outbox outbox)
    {
        if (!_cluster.Contains(vote.Sender))
        {
            Ignore(IgnoreReason.UnknownReplica, vote.Sender, outbox);
            return;
        }

        if (!IsCurrent(vote.View, vote.Sequence, vote.Sender, outbox)) return;

        if (vote.Phase == VotePhase.Prepare && vote.Sender == _cluster.PrimaryOf(vote.View))
        {
            Ignore(IgnoreReason.WrongSender, vote.Sender, outbox); // its PRE-PREPARE was its vote; this would be a second one (N-3)
            Accuse(new(EvidenceKind.PrepareByPrimary, vote.Sender, vote.View, vote.Sequence, vote.Digest, default), outbox);
            return;
        }

        var slot = _log.At(vote.Sequence);
        if (Count(slot, vote, outbox)) Advance(slot, outbox);
    }

    private bool IsCurrent(View view, SequenceNumber sequence, ReplicaId sender, Outbox outbox)
    {
        var reason = view != _view ? IgnoreReason.OtherView : _log.Admits(sequence);
        if (reason == IgnoreReason.None) return true;
        NoteView(sender, view);
        Ignore(reason, sender, outbox);
        return false;
    }

    /// <summary>Whether the proposed time is near our clock and later than that of its predecessor, as far as that is known (N-2).</summary>
    /// <remarks>Agreed time that is ahead of our clock, because clocks were set back, does not stop: it goes on in the smallest steps, as no primary can
    /// propose anything earlier. No primary can hurry it in this way.</remarks>
    private bool IsTimely(Slot slot, PrePrepare proposal)
    {
        if (IsPrimary || slot.Chosen is not null) return true; // what a view change carries over is as old as it is
        Int128 time = proposal.Batch.Timestamp.Microseconds;
        Int128 before = _state.LastTimestamp.Microseconds;
        var steps = proposal.Sequence.Value - LastExecuted.Value; // at least one
        if (steps > 1 && _log.Find(new(proposal.Sequence.Value - 1))?.Proposal is { } predecessor && predecessor.Batch.Timestamp.Microseconds > before)
        {
            before = predecessor.Batch.Timestamp.Microseconds;
            steps = 1;
        }

        if (time <= before) return false;
        var skewMax = (Int128)_options.TimestampSkewMax.TotalMicroseconds;
        if (before >= _now.Microseconds + skewMax) return time <= before + steps;
        return Int128.Abs(time - _now.Microseconds) <= skewMax;
    }

    /// <summary>A second digest signed by one primary at one (v, n). The first one accepted stands; the other is evidence (VC-8).</summary>
    private void OnContradiction(Slot slot, Digest known, ReadOnlyMemory<byte> envelope, PrePrepare proposal, Outbox outbox)
    {
        Ignore(IgnoreReason.Contradiction, proposal.Sender, outbox);
        Accuse(
            new(EvidenceKind.EquivocatingProposal, proposal.Sender, proposal.View, proposal.Sequence, known, proposal.Digest, envelope, proposal.Envelope), outbox);

        // Should q replicas commit the other one, its batch must be at hand: keep it where more replicas name it than the one kept.
        var kept = slot.Candidate;
        if (kept is null || slot.Commits.For(proposal.Digest).Count > slot.Commits.For(kept.Digest).Count) slot.Candidate = proposal;
        Advance(slot, outbox);
        if (proposal.View == _view) SuspectView(SuspicionCause.Equivocation, outbox);
    }

    /// <summary>Takes a proposal into the log and, as a backup, votes for it.</summary>
    private void Accept(Slot slot, PrePrepare proposal, Outbox outbox)
    {
        slot.Accept(proposal);
        if (ReferenceEquals(slot.Candidate, proposal)) slot.Candidate = null;
        if (!proposal.Batch.Requests.IsEmpty) _pending.CountProposal();
        NoteServed(proposal.Batch);
        outbox.Add(Effect.Report(
            ProtocolEventKind.PrePrepared, proposal.View, proposal.Sequence, proposal.Digest, proposal.Sender, proposal.Batch.Requests.Length, proposal.Batch));

        if (!_diverged)
        {
            // What our own leader proposed it has made durable itself.
            if (!IsPrimary || slot.Chosen is not null)
            {
                outbox.Add(Effect.Persist(JournalRecordKind.PrePrepared, proposal.View, proposal.Sequence, proposal.Digest, proposal));
            }

            if (!IsPrimary) Cast(slot, VotePhase.Prepare, proposal, outbox);
        }

        Advance(slot, outbox);
    }

    /// <summary>The only place where a slot changes phase.</summary>
    private void Advance(Slot slot, Outbox outbox)
    {
        if (!_isActive) return; // votes for a view that has yet to begin are kept, and count when it does
        if (slot is { Proposal: { } proposal, IsPrepared: false } && IsProvenPrepared(slot, proposal.Digest))
        {
            slot.MarkPrepared();
            NotePrepared(slot.Sequence);
            outbox.Add(Effect.Report(ProtocolEventKind.Prepared, proposal.View, proposal.Sequence, proposal.Digest));
            if (!_diverged)
            {
                outbox.Add(Effect.Persist(JournalRecordKind.Prepared, proposal.View, proposal.Sequence, proposal.Digest));
                Commit(slot, proposal, outbox);
            }
        }
        else if (slot is { Proposal: { } chosen, IsPrepared: false, Committed: { } known } && known.Digest == chosen.Digest && !_diverged)
        {
            Commit(slot, chosen, outbox); // nothing else can ever be: but no entry of P, for which there is no proof in this view
        }

        if (slot.Committed is null && CommittedBatch(slot) is { } batch)
        {
            slot.MarkCommitted(batch);
            outbox.Add(Effect.Persist(JournalRecordKind.Committed, _view, slot.Sequence, batch.Digest));
            outbox.Add(Effect.Report(ProtocolEventKind.Committed, _view, slot.Sequence, batch.Digest));
            ExecuteReady(outbox);
        }
    }

    /// <summary>q - 1 PREPAREs prove it, and so do q COMMITs: f + 1 correct replicas hold those PREPAREs (N-3, N-4).</summary>
    /// <remarks>Without the second, a replica that missed a PREPARE and executed all the same would never COMMIT, and one that missed
    /// a COMMIT could wait for it for ever: with f liars among the q, there is no other.</remarks>
    private bool IsProvenPrepared(Slot slot, Digest digest) =>
        slot.Prepares.For(digest).Count >= _cluster.PreparesNeeded || slot.Commits.For(digest).Count >= _cluster.Quorum;

    /// <summary>The batch that q distinct replicas committed to, when it is at hand: with or without our own PREPARE (N-4).</summary>
    private Batch? CommittedBatch(Slot slot) => slot.Commits.Agreed(_cluster.Quorum) is { } digest ? slot.BatchOf(digest) : null;

    /// <summary>Executes what is committed, in sequence order without a gap, each sequence number once (N-5).</summary>
    private void ExecuteReady(Outbox outbox)
    {
        if (_executing) return; // below us on the stack: it goes on with what has just become ready
        _executing = true;
        var before = LastExecuted;
        while (!_diverged && _log.Find(LastExecuted.Next) is { Committed: { } batch } slot)
        {
            _state.Execute(slot.Sequence, batch, _viewOfReplies, _self, IsLearner ? _unheard : outbox);
            _unheard.Clear();
            NoteServed(batch);
            foreach (var request in batch.Requests) _pending.Remove(request.Id);
            if (!batch.Requests.IsEmpty) _orderedAt = _now;
            outbox.Add(Effect.Report(
                ProtocolEventKind.Executed, _view, slot.Sequence, batch.Digest, amount: batch.Requests.Length, batch: batch));

            if (_checkpoints.IsCheckpoint(slot.Sequence)) TakeCheckpoint(slot.Sequence, outbox);
        }

        _executing = false;
        if (LastExecuted == before) return;
        if (_download is { } overtaken && overtaken.Sequence <= LastExecuted)
        {
            outbox.Add(Effect.Report(ProtocolEventKind.TransferOvertaken, _view, overtaken.Sequence, overtaken.Digest));
            EndTransfer();
        }

        if (_isActive) OnProgress();
        MarkProgress();
        if (IsPrimary) InformLeader(outbox);
    }

    private void Commit(Slot slot, PrePrepare proposal, Outbox outbox)
    {
        if (!slot.Commits.Voters.Contains(_self)) Cast(slot, VotePhase.Commit, proposal, outbox);
    }

    private void Cast(Slot slot, VotePhase phase, PrePrepare proposal, Outbox outbox)
    {
        var vote = new Vote(phase, proposal.View, proposal.Sequence, proposal.Digest, _self);
        outbox.Add(Effect.Broadcast(vote));
        Count(slot, vote, outbox);
    }

    /// <summary>Counts a vote; false when it changes nothing.</summary>
    private bool Count(Slot slot, in Vote vote, Outbox outbox)
    {
        var tally = vote.Phase == VotePhase.Prepare ? slot.Prepares : slot.Commits;
        switch (tally.Count(vote.Sender, vote.Digest))
        {
            case VoteOutcome.Duplicate:
                Ignore(IgnoreReason.Duplicate, vote.Sender, outbox);
                return false;
            case VoteOutcome.Equivocation:
                Ignore(IgnoreReason.Contradiction, vote.Sender, outbox);
                Accuse(new(EvidenceKind.EquivocatingVote, vote.Sender, vote.View, vote.Sequence, tally.VoteOf(vote.Sender), vote.Digest), outbox);
                return false;
        }

        if (tally.Voters.Count >= _cluster.WeakQuorum) _log.MarkOpen(vote.Sequence);
        return true;
    }
}
