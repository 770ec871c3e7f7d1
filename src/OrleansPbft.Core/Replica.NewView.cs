using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <content>Entering a view: the decision, NEW-VIEW, its choices and their batches (rules VC-4 ... VC-6).</content>
public sealed partial class Replica
{
    /// <summary>How many answers with chunks one peer is given in a status interval, and a quarter as many batches, which may be larger (N-8).</summary>
    private const int ServedMax = 64;

    private readonly SortedDictionary<SequenceNumber, Digest> _wanted = []; // chosen, and not at hand; one window at most
    private readonly int[] _served;
    private NewView? _newView; // of the current view, while it is active; null in view 0
    private NewView? _lastView; // the last that was entered, also when it is left
    private NewView? _baseProof; // whose base we adopted and q replicas have not certified: f liars and one other may be all who hold it
    private bool _carriesOver; // the choices of the current view are not all executed yet
    private Instant _servedSince = new(long.MinValue / 2);

    /// <summary>As its primary: decides from what has been gathered, and begins the view when nothing is open and nothing is lacking.</summary>
    private void TryBeginView(Outbox outbox)
    {
        if (_isActive || IsSilent) return;
        ImmutableArray<ViewChange> set = [.. _viewChanges.Where(one => one?.View == _view).Select(static one => one!)];
        if (ViewChangeDecision.Decide(_cluster, _options.LogWindow, set) is not { } decision) return;

        _wanted.Clear();
        for (var n = decision.Base.Sequence.Next; n <= decision.Last; n = n.Next)
        {
            if (_log.Admits(n) == IgnoreReason.None && BatchAtHand(n, decision.ChoiceAt(n)) is null) _wanted.Add(n, decision.ChoiceAt(n));
        }

        if (_wanted.Count > 0)
        {
            FetchWanted(set, outbox); // A3 of the decision
            return;
        }

        Enter(new(_view, set, decision, _self), outbox);
    }

    /// <summary>A NEW-VIEW arrived, from its primary or relayed: believed when its VIEW-CHANGEs decide just what it says (LESSONS B25).</summary>
    private void OnNewView(NewView newView, Outbox outbox)
    {
        var primary = _cluster.PrimaryOf(newView.View);
        if (newView.Sender != primary || newView.Sender == _self)
        {
            Ignore(IgnoreReason.WrongSender, newView.Sender, outbox);
            return;
        }

        var isPast = newView.View < _view || (newView.View == _view && _isActive);
        if (isPast && newView.Decision.Base.Sequence <= StableCheckpoint && !Disproved(newView).Any())
        {
            Ignore(newView.View < _view ? IgnoreReason.OtherView : IgnoreReason.Duplicate, newView.Sender, outbox); // views never go back (B32)
            return;
        }

        if (!newView.Decision.Equals(ViewChangeDecision.Decide(_cluster, _options.LogWindow, newView.ViewChanges)))
        {
            Ignore(IgnoreReason.WrongNewView, newView.Sender, outbox);
            Accuse(new(EvidenceKind.WrongNewView, newView.Sender, newView.View, newView.Decision.Base.Sequence, default, default, newView.Envelope), outbox);
            if (newView.View == _view) SuspectView(SuspicionCause.Equivocation, outbox);
            return;
        }

        if (!isPast)
        {
            Enter(newView, outbox);
            return;
        }

        // Whatever became of the view: f + 1 vouch for its base, and what it did not choose had not committed before.
        foreach (var slot in Disproved(newView)) slot.ForgetPrepared();
        AdoptBase(newView.Decision.Base, outbox);
    }

    /// <summary>Where P names what a NEW-VIEW disproves.</summary>
    private IEnumerable<Slot> Disproved(NewView newView)
    {
        for (var n = StableCheckpoint.Next; n <= _log.LastKept; n = n.Next)
        {
            if (_log.Find(n) is { LastPrepared: { } prepared } slot && newView.Disproves(prepared)) yield return slot;
        }
    }

    private void Enter(NewView newView, Outbox outbox)
    {
        if (newView.View != _view)
        {
            _log.LeaveView(); // brought here by its proof, past views that we never were in (B28)
            _fruitless++;
            _newViewDue = Instant.Never;
        }

        _view = _viewOfReplies = newView.View;
        _isActive = true;
        _suspecting = false;
        _abdicated = false;
        _ownViewChange = null;
        _newView = _lastView = newView;
        foreach (var slot in Disproved(newView)) slot.ForgetPrepared();
        _wanted.Clear();
        MarkProgress();
        outbox.Add(Effect.Persist(JournalRecordKind.ViewEntered, _view, newView.Decision.Base.Sequence, newView.Decision.Base.Digest, newView));
        if (newView.Sender == _self) outbox.Add(Effect.Broadcast(newView)); // there can be no second one for this view, so it is durable first (D-3)
        outbox.Add(Effect.Report(
            ProtocolEventKind.ViewEntered, _view, newView.Decision.Base.Sequence, newView.Decision.Base.Digest, newView.Sender, newView.Decision.Choices.Length));

        var last = newView.Decision.Last;
        _leadsFrom = (last > StableCheckpoint ? last : StableCheckpoint).Next; // before anything that tells our leader to go on
        if (newView.Decision.Base.Sequence > _certified) _baseProof = newView;
        AdoptBase(newView.Decision.Base, outbox);
        _calmSince = _now;
        _pending.Restart(_now, Patience > Allowance(_options.RequestTimeout) ? Patience : Allowance(_options.RequestTimeout), _idle);
        if (_newViewDue == Instant.Never) _newViewDue = _now.Plus(Patience);
        TakeChoices(newView, outbox);
        InformLeader(outbox);
        PassOnPending(outbox);
        TakeEarly(outbox);
        _carriesOver = last > LastExecuted;
        if (!HasOpenWork || IsTransferring) _newViewDue = Instant.Never; // nothing that could be late, or not for the primary's fault (VC-6)
        LeaveIfSuspected(outbox);
    }

    /// <summary>Something was executed. Once all that was carried over is, the view works: its wait is over, and requests have their usual time.</summary>
    /// <remarks>Were it the first choice already, many choices on slow disks would be agreed on again in one view after another.</remarks>
    private void OnProgress()
    {
        if (_carriesOver)
        {
            if (LastExecuted < _newView!.Decision.Last) return;
            _carriesOver = false;
            _pending.Restart(_now, Allowance(_options.RequestTimeout), _idle);
        }

        _fruitless = 0;
        _newViewDue = Instant.Never;
        _pending.Relax(_now, Allowance(_options.RequestTimeout));
        CalmDown();
    }

    /// <summary>The choices count as PRE-PREPAREs of the new view (VC-5).</summary>
    private void TakeChoices(NewView newView, Outbox outbox)
    {
        for (var n = newView.Decision.Base.Sequence.Next; n <= newView.Decision.Last; n = n.Next)
        {
            if (_log.Admits(n) != IgnoreReason.None) continue; // below our own stable checkpoint
            var slot = _log.At(n);
            _log.MarkOpen(n);
            slot.Choose(newView.Decision.ChoiceAt(n));
            if (BatchAtHand(n, newView.Decision.ChoiceAt(n)) is { } batch) AcceptChoice(slot, batch, outbox);
            else _wanted.Add(n, newView.Decision.ChoiceAt(n));
        }

        if (_wanted.Count > 0) FetchWanted(newView.ViewChanges, outbox);
    }

    private void AcceptChoice(Slot slot, Batch batch, Outbox outbox)
    {
        var choice = new PrePrepare(_view, slot.Sequence, batch, _cluster.PrimaryOf(_view));
        if (!IsLearner)
        {
            Accept(slot, choice, outbox);
            return;
        }

        slot.Candidate = choice; // to be voted for should it take part before this commits
        Advance(slot, outbox);
    }

    /// <summary>What the view's primary and voters said before its NEW-VIEW was here counts now (N-6).</summary>
    private void TakeEarly(Outbox outbox)
    {
        for (var n = StableCheckpoint.Next; n <= _log.LastKept && n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n) is not { } slot) continue;
            if (slot is { Proposal: null, Candidate: { } early })
            {
                slot.Candidate = null;
                OnPrePrepare(early, outbox);
            }

            Advance(slot, outbox);
        }
    }

    /// <summary>Requests that waited before the change wait on, and the new primary learns of them (VC-6, LESSONS B31).</summary>
    private void PassOnPending(Outbox outbox)
    {
        if (_pending.Count == 0 || _diverged) return;
        var proposed = RequestsProposed();
        var waiting = new List<Request>(_pending.Count);
        _pending.CopyTo(waiting, _pending.Count);
        foreach (var request in waiting)
        {
            if (!proposed.Contains(request.Id)) PassOn(request, outbox);
        }
    }

    /// <summary>The requests in proposals of this view that are not executed yet.</summary>
    private HashSet<RequestId> RequestsProposed()
    {
        var proposed = new HashSet<RequestId>();
        for (var n = LastExecuted > StableCheckpoint ? LastExecuted.Next : StableCheckpoint.Next; n <= _log.HighestOpen; n = n.Next)
        {
            if (_log.Find(n)?.Proposal is not { } proposal) continue;
            foreach (var request in proposal.Batch.Requests) proposed.Add(request.Id);
        }

        return proposed;
    }

    /// <summary>Batches at or below a stable checkpoint are wanted no more.</summary>
    private void ForgetWanted()
    {
        while (_wanted.Count > 0 && _wanted.First().Key <= StableCheckpoint) _wanted.Remove(_wanted.First().Key);
    }

    private Batch? BatchAtHand(SequenceNumber sequence, Digest digest) =>
        digest == BatchEncoding.Null.Digest ? BatchEncoding.Null : _log.Find(sequence)?.BatchOf(digest);

    /// <summary>Asks those who say they have them for the batches that were chosen and are not at hand (A3, VC-6).</summary>
    private void FetchWanted(ImmutableArray<ViewChange> set, Outbox outbox)
    {
        foreach (var (sequence, digest) in _wanted)
        {
            outbox.Add(Effect.Report(ProtocolEventKind.BatchFetched, _view, sequence, digest));
            foreach (var member in set)
            {
                if (member.Sender != _self && member.Names(sequence, digest)) outbox.Add(Effect.Send(member.Sender, new FetchBatch(sequence, digest, _self)));
            }
        }
    }

    private void OnFetchBatch(FetchBatch fetch, Outbox outbox)
    {
        if (!IsPeer(fetch.Sender, outbox)) return;
        if (IsSilent || BatchAtHand(fetch.Sequence, fetch.Digest) is not { } batch) Ignore(IgnoreReason.NotWanted, fetch.Sender, outbox);
        else if (!MayServe(fetch.Sender, cost: 4)) Ignore(IgnoreReason.TooSoon, fetch.Sender, outbox);
        else outbox.Add(Effect.Send(fetch.Sender, new FetchedBatch(fetch.Sequence, batch, _self)));
    }

    private void OnFetchedBatch(FetchedBatch fetched, Outbox outbox)
    {
        if (!IsPeer(fetched.Sender, outbox)) return;
        if (!_wanted.TryGetValue(fetched.Sequence, out var digest) || digest != fetched.Batch.Digest || _log.Admits(fetched.Sequence) != IgnoreReason.None)
        {
            Ignore(IgnoreReason.NotWanted, fetched.Sender, outbox);
            return;
        }

        _wanted.Remove(fetched.Sequence);
        var slot = _log.At(fetched.Sequence);
        slot.Keep(fetched.Batch);
        if (!_isActive && _wanted.Count == 0) TryBeginView(outbox);
        else if (slot is { Proposal: null, Chosen: { } chosen } && chosen == digest) AcceptChoice(slot, fetched.Batch, outbox);
    }

    /// <summary>Whether a peer may be served once more: so much in each status interval (N-8).</summary>
    private bool MayServe(ReplicaId peer, int cost)
    {
        if (_now >= _servedSince.Plus(_options.StatusInterval))
        {
            _servedSince = _now;
            Array.Clear(_served);
        }

        if (_served[peer.Index] + cost > ServedMax) return false;
        _served[peer.Index] += cost;
        return true;
    }
}
