using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <content>Leaving a view: suspicion, VIEW-CHANGE, joining others (rules VC-1 ... VC-3, VC-7, VC-8, VC-10).</content>
public sealed partial class Replica
{
    private readonly Suspect?[] _suspects; // the newest of each replica
    private readonly ViewChange?[] _viewChanges; // the newest of each replica
    private readonly View[] _viewsHeard; // the latest each replica was heard to speak in
    private View _view = View.Initial;
    private View _viewOfReplies = View.Initial; // the latest that was active: what clients are told (LESSONS B52)
    private bool _isActive = true;
    private bool _suspecting;
    private ViewChange? _ownViewChange; // while no view is active
    private int _fruitless; // view changes since the last progress
    private Instant _newViewDue = Instant.Never;
    private Instant _orderedAt;
    private int _strain; // how many working views were found too slow, less one for each time of calm since
    private Instant _calmSince;

    /// <summary>Whether the current view is active: left the one before, and has the NEW-VIEW of this one.</summary>
    public bool IsActive => _isActive;

    /// <summary>T: how long to wait for the NEW-VIEW and first progress (VC-7).</summary>
    private TimeSpan Patience
    {
        get
        {
            var patience = _options.ViewChangeTimeout;
            for (var i = 1; i < _fruitless && patience < _options.ViewChangeTimeoutMax; i++) patience *= 2;
            return patience < _options.ViewChangeTimeoutMax ? patience : _options.ViewChangeTimeoutMax;
        }
    }

    /// <summary>What is allowed where primaries that do work were found too slow: twice as long for each of late, up to the longest patience.</summary>
    /// <remarks>Without it a cluster that is asked more than it can do would depose one honest primary after another.</remarks>
    private TimeSpan Allowance(TimeSpan configured)
    {
        var allowed = configured;
        for (var i = 0; i < _strain && allowed < _options.ViewChangeTimeoutMax; i++) allowed *= 2;
        return allowed;
    }

    private void CalmDown()
    {
        if (_strain == 0 || _now < _calmSince.Plus(_options.ViewChangeTimeoutMax)) return;
        _strain--;
        _calmSince = _now;
    }

    /// <summary>Says that the view does not work, and goes on working in it until f + 1 say so (VC-1).</summary>
    private void SuspectView(SuspicionCause cause, Outbox outbox)
    {
        if (_suspecting || IsSilent || _cluster.Replicas == 1) return;
        if (IsTransferring && cause != SuspicionCause.Equivocation) return; // what is late here is not for the primary's fault (VC-6)
        _suspecting = true;
        var isTooSlow = (cause is SuspicionCause.RequestOverdue or SuspicionCause.OrderingTooSlow) && _orderedAt > _now.Plus(-_options.RequestTimeout / 2);
        if (isTooSlow && Allowance(_options.RequestTimeout) < _options.ViewChangeTimeoutMax) _strain++; // it works, but not as fast as is asked of it
        outbox.Add(Effect.Report(ProtocolEventKind.Suspected, _view, LastExecuted, about: _cluster.PrimaryOf(_view), amount: (long)cause));
        var own = new Suspect(_view, _self);
        _suspects[_self.Index] = own;
        outbox.Add(Effect.Broadcast(own));
        LeaveIfSuspected(outbox);
    }

    private void OnSuspect(Suspect suspect, Outbox outbox)
    {
        if (!IsPeer(suspect.Sender, outbox)) return;
        ref var known = ref _suspects[suspect.Sender.Index];
        if (suspect.View < _view || known?.View >= suspect.View)
        {
            Ignore(suspect.View < _view ? IgnoreReason.OtherView : IgnoreReason.Duplicate, suspect.Sender, outbox);
            return;
        }

        known = suspect;
        NoteView(suspect.Sender, suspect.View);
        LeaveIfSuspected(outbox);
    }

    /// <summary>f + 1 suspect the view, one of them correct: leaves it, and sees to it that all others do (VC-1).</summary>
    /// <remarks>Who has left the view suspects it too, and says so with a VIEW-CHANGE only: its SUSPECT may be lost for good.</remarks>
    private void LeaveIfSuspected(Outbox outbox)
    {
        var (suspecting, saidSo) = (ReplicaSet.Empty, ReplicaSet.Empty);
        foreach (var replica in _cluster.All)
        {
            if (_suspects[replica.Index]?.View == _view) saidSo = saidSo.With(replica);
            if (saidSo.Contains(replica) || _viewChanges[replica.Index]?.View > _view) suspecting = suspecting.With(replica);
        }

        if (suspecting.Count < _cluster.WeakQuorum) return;
        if (!IsSilent)
        {
            foreach (var sender in saidSo.Without(_self))
            {
                foreach (var peer in _cluster.All.Without(_self).Without(sender)) outbox.Add(Effect.Relay(peer, _suspects[sender.Index]!));
            }
        }

        ChangeView(_view.Next, outbox);
    }

    /// <summary>Leaves all views before <paramref name="view"/> for good, and says what is known of them (VC-2).</summary>
    private void ChangeView(View view, Outbox outbox)
    {
        _view = view;
        _isActive = false;
        _suspecting = false;
        _carriesOver = false;
        _newView = null;
        _newViewDue = Instant.Never;
        _fruitless++;
        _wanted.Clear();
        _pending.Pause();
        _log.LeaveView();
        MarkProgress();
        if (!IsLearner) LeaveFor(view, outbox);
        outbox.Add(Effect.Report(ProtocolEventKind.ViewChangeStarted, view, LastExecuted, amount: _fruitless));
        InformLeader(outbox);
        LeaveIfSuspected(outbox);
        if (_view == view) OnViewChangesGathered(outbox);
    }

    /// <summary>Says, durably, that all views before <paramref name="view"/> are left, and what is known of them. P and Q outlive the view.</summary>
    private void LeaveFor(View view, Outbox outbox)
    {
        var own = DescribeLog(view);
        _ownViewChange = own;
        _viewChanges[_self.Index] = own;
        outbox.Add(Effect.Persist(JournalRecordKind.ViewLeft, view, StableCheckpoint, default, own));
        if (!_diverged) outbox.Add(Effect.Broadcast(own));
    }

    private ViewChange DescribeLog(View view)
    {
        var checkpoints = ImmutableArray.CreateBuilder<HeldCheckpoint>();
        if (KnowsStable) checkpoints.Add(_stable);
        for (var n = StableCheckpoint.Plus(_options.CheckpointInterval); !_diverged && n <= LastExecuted && n <= _log.HighWatermark; n = n.Plus(_options.CheckpointInterval))
        {
            if (_checkpoints.Find(n) is { } votes && votes.Voters.Contains(_self)) checkpoints.Add(new(n, votes.VoteOf(_self)));
        }

        var prepared = ImmutableArray.CreateBuilder<LogEntry>();
        var prePrepared = ImmutableArray.CreateBuilder<LogEntry>();
        for (var n = StableCheckpoint.Next; n <= _log.HighWatermark; n = n.Next)
        {
            if (_log.Find(n) is not { } slot) continue;
            if (slot.LastPrepared is { } last) prepared.Add(last);
            prePrepared.AddRange(slot.PrePrepared.OrderBy(static entry => entry.Digest));
        }

        return new(view, StableCheckpoint, checkpoints.ToImmutable(), prepared.ToImmutable(), prePrepared.ToImmutable(), _self);
    }

    private void OnViewChange(ViewChange viewChange, Outbox outbox)
    {
        if (IsLearner && viewChange.Sender == _self)
        {
            NoteFormer(viewChange);
            return;
        }

        if (!IsPeer(viewChange.Sender, outbox)) return;
        ref var known = ref _viewChanges[viewChange.Sender.Index];
        if (viewChange.View < _view || known?.View > viewChange.View)
        {
            Ignore(IgnoreReason.OtherView, viewChange.Sender, outbox);
            return;
        }

        if (known?.View == viewChange.View)
        {
            var isSame = known.SaysTheSame(viewChange);
            Ignore(isSame ? IgnoreReason.Duplicate : IgnoreReason.Contradiction, viewChange.Sender, outbox);
            if (!isSame)
            {
                Accuse(
                    new(EvidenceKind.EquivocatingViewChange, viewChange.Sender, viewChange.View, default, default, default, known.Envelope, viewChange.Envelope), outbox);
            }

            return;
        }

        known = viewChange;
        NoteView(viewChange.Sender, viewChange.View);
        JoinOthers(outbox);
        LeaveIfSuspected(outbox);
        if (viewChange.View == _view && !_isActive) OnViewChangesGathered(outbox);
    }

    /// <summary>f + 1 replicas have left for views above ours, one of them correct: goes to the smallest of these, and on while that is so (VC-3).</summary>
    /// <remarks>Going on at once makes it the latest view that f + 1 have reached (LESSONS B10, B28, B32).</remarks>
    private void JoinOthers(Outbox outbox)
    {
        Span<long> above = stackalloc long[ClusterSize.ReplicasMax];
        var count = 0;
        foreach (var viewChange in _viewChanges)
        {
            if (viewChange?.View > _view) above[count++] = viewChange.View.Number;
        }

        if (count < _cluster.WeakQuorum) return;
        above[..count].Sort();
        ChangeView(new(above[count - _cluster.WeakQuorum]), outbox);
    }

    /// <summary>With q VIEW-CHANGEs the wait for the NEW-VIEW begins (VC-7, LESSONS B33), and its primary may have what it needs.</summary>
    private void OnViewChangesGathered(Outbox outbox)
    {
        var gathered = 0;
        foreach (var viewChange in _viewChanges)
        {
            if (viewChange?.View == _view) gathered++;
        }

        if (gathered < _cluster.Quorum) return;
        if (_newViewDue == Instant.Never && !_suspecting) _newViewDue = _now.Plus(Patience);
        if (IsPrimary) TryBeginView(outbox);
    }

    /// <summary>Suspects the view where a timer says so: of the new view (VC-7), or of the primary's slow order (VC-10).</summary>
    private void WatchView(Outbox outbox)
    {
        if (_newViewDue <= _now)
        {
            _newViewDue = Instant.Never;
            SuspectView(SuspicionCause.NewViewOverdue, outbox);
        }

        if (OrderingDue <= _now) SuspectView(SuspicionCause.OrderingTooSlow, outbox);
    }

    /// <summary>Whether a slow order would be the primary's fault, and this replica's to say.</summary>
    private bool MayBlameOrder => _isActive && !_carriesOver && !_suspecting && !IsSilent && !IsTransferring && _cluster.Replicas > 1;

    /// <summary>When the primary will have been too slow with what waits, while it ordered others (VC-10): the earlier of two times.</summary>
    /// <remarks>Never where <see cref="SuspectView"/> would refuse: a due time that nothing follows would wake this replica for ever.</remarks>
    private Instant OrderingDue => MayBlameOrder ? Earliest(TurnDue, IdleDue) : Instant.Never;

    /// <summary>When the client that waits longest for its turn will have waited too long for it.</summary>
    private Instant TurnDue => _orderedAt <= _pending.UnservedSince ? Instant.Never : _pending.UnservedSince.Plus(Allowance(_options.OrderingDelayMax));

    /// <summary>When the oldest request will have waited too long with the primary idle for half of that time, should it go on being idle.</summary>
    private Instant IdleDue
    {
        get
        {
            if (!IsPrimaryIdle || _pending.Oldest is not { } oldest || _orderedAt <= oldest.Since) return Instant.Never;
            var due = oldest.Since.Plus(Allowance(_options.OrderingDelayMax));
            var isHalf = new Instant(_now.Microseconds + _now.Microseconds - oldest.Since.Microseconds - (2 * (_idle - oldest.IdleBefore)));
            return due > isHalf ? due : isHalf;
        }
    }

    private void NoteView(ReplicaId sender, View view)
    {
        if (view > _viewsHeard[sender.Index]) _viewsHeard[sender.Index] = view;
    }

    /// <summary>Whether f + 1 replicas speak in a later view than ours: we missed a view change.</summary>
    private bool MissedViewChange
    {
        get
        {
            var later = 0;
            foreach (var view in _viewsHeard)
            {
                if (view > _view) later++;
            }

            return later >= _cluster.WeakQuorum;
        }
    }

    private bool IsPeer(ReplicaId sender, Outbox outbox)
    {
        if (_cluster.Contains(sender) && sender != _self) return true;
        Ignore(IgnoreReason.UnknownReplica, sender, outbox);
        return false;
    }
}
