namespace OrleansPbft.Core;

/// <content>Starting again from the journal (rules D-1, D-3): what was made durable is known again, so no vote is ever given twice differently.</content>
public sealed partial class Replica
{
    /// <summary>Takes up where a former life of this replica ended. The host calls it once, before <see cref="Start"/>.</summary>
    /// <param name="records">
    /// Everything that was durable, in the order in which it was appended; gone through twice. What a <see cref="JournalRecordKind.StableCheckpoint"/>
    /// with its state covers may be missing, and so may the state of every one but the newest that has one: what committed after it is executed
    /// again. Of views, all but the last <see cref="JournalRecordKind.ViewEntered"/> and <see cref="JournalRecordKind.ViewLeft"/> before the first record
    /// may be missing. Whether q certified the last checkpoint, or f + 1 only, is not kept: until the next one it is shown with the NEW-VIEW that
    /// adopted it, where one did.
    /// </param>
    /// <exception cref="ArgumentException">The records are not those of one replica with these options: the journal is another's, or damaged.</exception>
    public void Recover(IEnumerable<JournalRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var replay = RecoverCheckpoints(records); // the window first: votes above it were appended before it
        foreach (var record in records)
        {
            switch (record.Kind)
            {
                case JournalRecordKind.StableCheckpoint: break;
                case JournalRecordKind.ViewLeft: RecoverViewLeft(record.View, (ViewChange)record.Subject!); break;
                case JournalRecordKind.ViewEntered: RecoverView((NewView)record.Subject!); break;
                case JournalRecordKind.Prepared: RecoverPrepared(record); break;
                case JournalRecordKind.PrePrepared when record.Sequence <= StableCheckpoint: replay.Note((PrePrepare)record.Subject!); break;
                case JournalRecordKind.PrePrepared: RecoverProposal((PrePrepare)record.Subject!); break;
                case JournalRecordKind.Committed when record.Sequence <= StableCheckpoint: replay.Commit(record); break;
                case JournalRecordKind.Committed: RecoverCommitted(record); break;
                case JournalRecordKind.Lives: RecoverLives((ReplicaLives)record.Subject!); break;
                default: throw new ArgumentException($"A journal has no record of kind {record.Kind}.", nameof(records));
            }
        }

        // What was replayed up to the window can be fetched from here too; where something is missing, the state at its start is fetched (ST-1).
        if (LastExecuted == StableCheckpoint && LastExecuted > (_snapshots is [.., var held] ? held.Sequence : default)) _snapshots.Add(_state.TakeSnapshot());
        if (!_isActive) _pending.Pause();
    }

    /// <summary>Goes on with what was recovered: what is committed is executed, what its own votes suffice for advances.</summary>
    private void ResumeRecovered(Outbox outbox)
    {
        ExecuteReady(outbox);
        for (var n = StableCheckpoint.Next; _isActive && n <= _log.HighestOpen; n = n.Next) // the journal may end between a NEW-VIEW and its choices
        {
            if (_log.Find(n) is { Proposal: null, Chosen: { } chosen } slot && BatchAtHand(n, chosen) is { } batch) AcceptChoice(slot, batch, outbox);
        }

        for (var n = StableCheckpoint.Next; n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is { } slot) Advance(slot, outbox);
        }
    }

    /// <summary>Restores the newest state that was kept, and moves the window to the last stable checkpoint, which may be beyond it.</summary>
    private CommittedReplay RecoverCheckpoints(IEnumerable<JournalRecord> records)
    {
        StateSnapshot? newest = null;
        var stable = new HeldCheckpoint();
        var digests = new Dictionary<SequenceNumber, Digest>();
        foreach (var record in records)
        {
            if (record.Kind != JournalRecordKind.StableCheckpoint) continue;
            if (record.Digest != Digest.Zero) digests[record.Sequence] = record.Digest; // a window may begin where no digest was seen
            if (record.Sequence >= stable.Sequence) stable = new(record.Sequence, record.Digest);
            if (record.Subject is not StateSnapshot snapshot || snapshot.Sequence < newest?.Sequence) continue;
            if (snapshot.Sequence != record.Sequence || snapshot.Digest != record.Digest) throw NotOurs(snapshot);
            newest = snapshot;
        }

        if (newest?.Sequence > LastExecuted)
        {
            if (!_state.RestoreSnapshot(newest)) throw NotOurs(newest);
            _snapshots.Add(newest);
        }

        if (stable.Sequence > SequenceNumber.Zero)
        {
            _stable = stable;
            Vouch(stable);
            _log.Truncate(stable.Sequence);
        }

        return new(_state, _self, digests);

        static ArgumentException NotOurs(StateSnapshot snapshot) => new(
            $"The state kept at {snapshot.Sequence} does not digest to d:{snapshot.Digest} with this service and these options: they must be the ones it was kept with.");
    }

    private void RecoverViewLeft(View view, ViewChange own)
    {
        _view = view;
        _isActive = false;
        _newView = null;
        _ownViewChange = own; // the very one that was sent: another for the same view would be a contradiction
        _viewChanges[_self.Index] = own;
        _log.LeaveView();
    }

    private void RecoverView(NewView newView)
    {
        if (newView.View != _view) _log.LeaveView();
        _view = _viewOfReplies = newView.View;
        _isActive = true;
        _ownViewChange = null;
        _newView = _lastView = newView;
        foreach (var disproved in Disproved(newView)) disproved.ForgetPrepared();
        if (newView.Decision.Base.Sequence > _certified) _baseProof = newView;
        for (var n = newView.Decision.Base.Sequence.Next; n <= newView.Decision.Last; n = n.Next)
        {
            if (_log.Admits(n) != IgnoreReason.None) continue;
            _log.At(n).Choose(newView.Decision.ChoiceAt(n));
            _log.MarkOpen(n);
            if (BatchAtHand(n, newView.Decision.ChoiceAt(n)) is null) _wanted[n] = newView.Decision.ChoiceAt(n);
        }

        LeadFrom(newView.Decision.Last);
    }

    private void RecoverProposal(PrePrepare proposal)
    {
        if (_log.Admits(proposal.Sequence) != IgnoreReason.None) return;
        var slot = _log.At(proposal.Sequence);
        if (proposal.View != _view)
        {
            if (proposal.Sender == _self) slot.NoteProposed(proposal); // our leader learned later than we that the view was over
            return;
        }

        _log.MarkOpen(proposal.Sequence);
        _wanted.Remove(proposal.Sequence);
        slot.Accept(proposal);
        if (!IsPrimary) slot.Prepares.Count(_self, proposal.Digest);
        LeadFrom(proposal.Sequence);
    }

    private void RecoverPrepared(in JournalRecord record)
    {
        NotePrepared(record.Sequence); // of whatever view: reads rely on its being named (C-7)
        if (record.View != _view || _log.Find(record.Sequence) is not { Proposal: { } proposal } slot || proposal.Digest != record.Digest) return;
        slot.MarkPrepared();
        slot.Commits.Count(_self, record.Digest);
    }

    private void RecoverCommitted(in JournalRecord record)
    {
        if (_log.Find(record.Sequence) is { } slot && slot.BatchOf(record.Digest) is { } batch) slot.MarkCommitted(batch);
    }

    /// <summary>Nothing is proposed twice: the leader goes on behind what it proposed in this view in its former life.</summary>
    private void LeadFrom(SequenceNumber last)
    {
        if (_leadsFrom <= last) _leadsFrom = last.Next;
    }
}
