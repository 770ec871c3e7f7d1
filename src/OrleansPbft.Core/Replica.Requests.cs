namespace OrleansPbft.Core;

/// <content>Requests and clients: PBFT 4.1 and 4.2, rules C-3, C-5, C-6.</content>
public sealed partial class Replica
{
    /// <summary>How many timers of one request may expire, though its client is served, before the primary is suspected all the same (ADR 0015).</summary>
    private const int ExpiriesMax = 8;

    private long _idle; // for how many microseconds the primary had requests to propose, and nothing that it waited for
    private Instant _idleCountedAt;
    private bool _idles; // at that time, and since

    /// <summary>A request arrived, from its client or from a backup that passed it on.</summary>
    /// <remarks>Executed: answered from the cache, without a timer (LESSONS B19, B20). New: ordered by the primary, and by a backup
    /// passed on to the primary and timed. No room: refused, and then not timed (B21).</remarks>
    private void OnRequest(Request request, Outbox outbox)
    {
        if (_diverged) return; // K-3: neither votes nor replies

        if (request.Id.Number < 1 || request.Operations.Length > _options.OperationsMax || request.OpensSession != request.Operations.IsEmpty)
        {
            Ignore(IgnoreReason.OutOfLimits, default, outbox);
            return;
        }

        if (_state.Answer(request, _viewOfReplies, _self) is { } answer)
        {
            Answer(answer, outbox);
            return;
        }

        if (_pending.Contains(request.Id))
        {
            Ignore(IgnoreReason.AlreadyPending, default, outbox);
            return;
        }

        if (!_pending.Admits(request.Id, request.Envelope.Length))
        {
            outbox.Add(Effect.Report(ProtocolEventKind.RefusedBusy, _view, default, amount: _pending.Count));
            var retryHint = RetryHint.Encode(_options.BusyRetryAfter);
            Answer(Reply.To(request, _viewOfReplies, request.Id.Session, SequenceNumber.Zero, ReplyStatus.Busy, retryHint, _self), outbox);
            return;
        }

        _pending.Add(request, _now, _idle);
        PassOn(request, outbox);
    }

    /// <summary>A request's own timer expired; the progress of other clients had no part in it (C-5, LESSONS B49).</summary>
    /// <remarks>One whose session was evicted meanwhile, or moved past it, will never be in a batch: it is answered, and waits no longer.</remarks>
    private void OnOverdue(PendingRequest overdue, Outbox outbox)
    {
        if (_state.Answer(overdue.Request, _viewOfReplies, _self) is { } answer)
        {
            _pending.Remove(overdue.Request.Id);
            Answer(answer, outbox);
            return;
        }

        var isForgiven = IsForBusyness(overdue);
        _pending.StartAgain(overdue, _now);
        outbox.Add(Effect.Report(
            ProtocolEventKind.RequestOverdue, _view, default, amount: _now.Microseconds - overdue.Arrived.Microseconds));
        PassOn(overdue.Request, outbox); // what the network or the leader lost, or the primary had no room for, is passed on again
        if (!isForgiven) SuspectView(SuspicionCause.RequestOverdue, outbox);
    }

    /// <summary>Whether a busy primary that is correct may have let this request wait so long (ADR 0015).</summary>
    /// <remarks>Such a primary gives every client its turns, always has something proposed, and what it proposes is executed. It may have no room
    /// for more of a client that has its share waiting; but not for ever, as one that withholds a single request would like: not beyond so many timers, unless
    /// as many of its client's as waited before it have not been executed yet.</remarks>
    private bool IsForBusyness(PendingRequest overdue) =>
        overdue.Client.ServedAt > overdue.Started && _orderedAt > overdue.Started && !WasIdleFor(overdue)
        && (overdue.Expiries < ExpiriesMax || !overdue.WasNext);

    /// <summary>Whether the primary was idle for half of the time that the request has waited.</summary>
    private bool WasIdleFor(PendingRequest pending) => 2 * (_idle - pending.IdleBefore) >= _now.Microseconds - pending.Since.Microseconds;

    /// <summary>Whether the primary could propose, has something to, and has not.</summary>
    private bool IsPrimaryIdle =>
        _isActive && _pending.Count > 0 && LastExecuted < _log.HighWatermark && _log.Find(LastExecuted.Next)?.Proposal is null;

    /// <summary>Counts the time since the last input, during which nothing changed here.</summary>
    private void CountIdleTime()
    {
        if (_idles) _idle += _now.Microseconds - _idleCountedAt.Microseconds;
        _idleCountedAt = _now;
    }

    /// <summary>Requests were proposed, or turned out to be: their clients had their turns.</summary>
    private void NoteServed(Batch batch)
    {
        if (_pending.Count == 0) return;
        foreach (var request in batch.Requests) _pending.Serve(request.Id.Client, _now);
    }

    /// <summary>To the primary, or to our own leader; while no view is active, the next one's primary learns of it when it begins.</summary>
    private void PassOn(Request request, Outbox outbox)
    {
        if (_isActive) outbox.Add(IsPrimary ? Effect.Order(request) : Effect.Relay(_cluster.PrimaryOf(_view), request));
    }
}
