namespace OrleansPbft.Core;

/// <content>Requests and clients: PBFT 4.1 and 4.2, rules C-3, C-5, C-6.</content>
public sealed partial class Replica
{
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
            outbox.Add(Effect.Answer(answer));
            return;
        }

        if (_pending.Contains(request.Id))
        {
            Ignore(IgnoreReason.AlreadyPending, default, outbox);
            return;
        }

        if (!_pending.Admits(request.Id.Client, request.Envelope.Length))
        {
            outbox.Add(Effect.Report(ProtocolEventKind.RefusedBusy, _view, default, amount: _pending.Count));
            outbox.Add(Effect.Answer(new(
                _viewOfReplies, request.Id, request.Id.Session, SequenceNumber.Zero, ReplyStatus.Busy, RetryHint.Encode(_options.BusyRetryAfter), _self)));
            return;
        }

        _pending.Add(request, _now);
        PassOn(request, outbox);
    }

    /// <summary>A request's own timer expired; the progress of others had no part in it (C-5, LESSONS B49).</summary>
    /// <remarks>One whose session was evicted meanwhile, or moved past it, will never be in a batch: it is answered, and waits no longer.</remarks>
    private void OnOverdue(PendingRequest overdue, Outbox outbox)
    {
        if (_state.Answer(overdue.Request, _viewOfReplies, _self) is { } answer)
        {
            _pending.Remove(overdue.Request.Id);
            if (!_diverged) outbox.Add(Effect.Answer(answer));
            return;
        }

        outbox.Add(Effect.Report(
            ProtocolEventKind.RequestOverdue, _view, default, amount: _now.Microseconds - overdue.Arrived.Microseconds));
        PassOn(overdue.Request, outbox); // what the network or the leader lost is passed on again
        SuspectView(SuspicionCause.RequestOverdue, outbox);
    }

    /// <summary>To the primary, or to our own leader; while no view is active, the next one's primary learns of it when it begins.</summary>
    private void PassOn(Request request, Outbox outbox)
    {
        if (_isActive) outbox.Add(IsPrimary ? Effect.Order(request) : Effect.Relay(_cluster.PrimaryOf(_view), request));
    }
}
