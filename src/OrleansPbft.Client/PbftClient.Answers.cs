using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <content>Replies in, answers out; and how a request ends in any other way.</content>
public sealed partial class PbftClient
{
    // The longest a timer is set for; one that finds nothing due is set again.
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(1);

    /// <summary>Whether it has a use for what a REPLY or a READ-REPLY says it answers.</summary>
    internal bool Wants(MessageKind kind, RequestId request)
    {
        lock (_gate)
        {
            return kind == MessageKind.ReadReply ? _reads.ContainsKey(request.Number) : _options.Observer is not null || FindSession(request) is not null;
        }
    }

    /// <summary>Somebody answered a request of this key, and did not prove who.</summary>
    internal void OnRejected(RequestId request, RejectReason reason) => _options.Observer?.OnRejected(request, reason);

    /// <summary>A replica's answer, which is its own.</summary>
    internal void OnOpened(in Input input)
    {
        if (input.Kind == InputKind.ReadReply && input.ReadReply.Client == Id)
        {
            OnReadReply(input.ReadReply);
        }
        else if (input.Kind == InputKind.Reply && input.Reply.Request.Client == Id && Wants(MessageKind.Reply, input.Reply.Request))
        {
            _options.Observer?.OnReply(input.Reply);
            var now = _clock.Now;
            lock (_gate)
            {
                if (FindSession(input.Reply.Request) is { } session) OnReply(now, session, input.Reply);
            }
        }
    }

    /// <summary>There is a connection now, perhaps a new one: what was sent before may be lost.</summary>
    internal void OnConnected()
    {
        List<PendingBundle> inFlight = [];
        PendingRead[] reads;
        SessionInUse? opening;
        lock (_gate)
        {
            reads = [.. _reads.Values];
            opening = _session is { IsOpening: true } ? _session : null;
            ForEachSession(session => inFlight.AddRange(session.InFlight.Values));
        }

        // What was sent before may be executed already: then f + 1 replicas must be asked for its answer. What was not goes where it should.
        var all = Cluster.Cluster.All;
        if (opening is not null) Send(opening, opening.WasSent ? all : opening.To);
        foreach (var pending in inFlight) Send(pending, pending.WasSent ? all : pending.To);
        foreach (var pending in reads) Send(pending);
    }

    /// <summary>The cluster does not serve this client.</summary>
    internal void OnNotListed()
    {
        lock (_gate)
        {
            FailAll(pending => new PbftNotListedException(Id, pending.WasSent));
            EndReads(() => new PbftNotListedException(Id, mayHaveExecuted: false));
        }
    }

    /// <summary>There will be no connection any more.</summary>
    internal void OnClosed()
    {
        lock (_gate)
        {
            FailAll(pending => new PbftConnectionException(_transport.Problem ?? "The connection was closed.", pending.WasSent));
            EndReads(cause: null); // ordering them says the same
        }
    }

    /// <summary>Time passed: what waited long enough is sent again, what waited too long is given up.</summary>
    private void OnTimer()
    {
        var now = _clock.Now;
        List<(PendingBundle Pending, ReplicaSet To)>? again = null;
        List<PendingRead>? askAgain;
        (SessionInUse Session, ReplicaSet To)? openAgain = null;
        lock (_gate)
        {
            if (_isDisposed) return;
            _armedAt = Instant.Never;
            ForEachSession(session =>
            {
                session.Machine.Tick(now, _effects);
                foreach (var effect in _effects)
                {
                    if (effect.Kind == ClientEffectKind.WakeAt) ArmBy(effect.At, now);
                    else if (effect.Kind != ClientEffectKind.Send) continue;
                    else if (session.IsOpening) openAgain = (session, effect.To);
                    else if (session.InFlight.TryGetValue(effect.Number, out var pending)) (again ??= []).Add((pending, effect.To));
                }

                _effects.Clear();
            });
            GiveUpOverdue(now);
            askAgain = TickReads(now);
        }

        if (openAgain is { } opening) Send(opening.Session, opening.To);
        foreach (var (pending, to) in again ?? [])
        {
            if (!pending.Task.IsCompleted) Send(pending, to); // not one given up just now
        }

        foreach (var pending in askAgain ?? []) Send(pending);
    }

    private void OnReply(Instant now, SessionInUse session, Reply reply)
    {
        var wasOpening = session.IsOpening;
        session.Machine.OnReply(now, reply, _effects);
        var completed = default(ClientEffect);
        foreach (var effect in _effects)
        {
            if (effect.Kind == ClientEffectKind.WakeAt) ArmBy(effect.At, now);
            else if (effect.Kind == ClientEffectKind.Complete) completed = effect;
        }

        _effects.Clear();
        if (reply.Status == ReplyStatus.Busy) NoteBusy(session, reply);
        if (completed.Accepted is not { } accepted) return;
        if (wasOpening) EndOpening(session, session.Machine.View, accepted.Reply.Sequence);
        if (wasOpening && !session.IsOpening) _mailbox.Open(session.Machine.Id, this);

        if (!wasOpening && session.InFlight.Remove(completed.Number, out var pending))
        {
            session.LastUsed = now;
            Finish(pending, accepted, session.Machine.View, now);
        }

        Settle(session);
        StartWaiting(now);
    }

    private void NoteBusy(SessionInUse session, Reply reply)
    {
        if (!session.Machine.IsRefusedBusy(reply.Request.Number)) return;
        var after = RetryHint.Decode(reply.Results.Span, otherwise: _options.RetransmitAfter);
        if (session.IsOpening) session.RetryAfter = after;
        else if (session.InFlight.TryGetValue(reply.Request.Number, out var pending)) pending.RetryAfter = after;
    }

    private void Finish(PendingBundle pending, AcceptedReply accepted, View view, Instant now)
    {
        var reply = accepted.Reply;
        switch (reply.Status)
        {
            case ReplyStatus.Executed when OperationResults.TryRead(reply.Results, out var results) && results.Length == pending.Operations.Length:
                EndAccepted(pending.Activity, view, reply.Sequence);
                pending.Cancellation.Unregister();
                ClientMetrics.OnAccepted(now.Since(pending.Submitted));
                pending.TrySetResult(new(results, view, reply.Sequence, accepted.Agreed));
                break;
            case ReplyStatus.ResultDropped:
                Fail(pending, new PbftResultDroppedException(reply.Sequence));
                break;
            case ReplyStatus.SessionUnknown or ReplyStatus.BelowWindow or ReplyStatus.AboveWindow:
                Fail(pending, new PbftSessionLostException(
                    $"The cluster answered {reply.Status}: whether the operations were executed is unknown. Read what they would have changed.", reply.Status));
                break;
            default:
                Fail(pending, new PbftFaultyClusterException(
                    $"Replicas {accepted.Agreed} agreed on an answer that no correct replica gives ({reply.Status})."));
                break;
        }
    }

    /// <summary>A session the cluster has forgotten takes no new requests; it is kept while those in flight may be answered.</summary>
    private void Settle(SessionInUse session)
    {
        if (session == _session)
        {
            // An opening that nobody waits for any more is not worth sending again.
            if (!session.Machine.IsLost && (!session.IsOpening || _waiting.Count > 0)) return;
            _session = null;
            if (session.InFlight.Count > 0) _draining.Add(session);
            else _mailbox.Close(session.Machine.Id);
        }
        else if (session.InFlight.Count == 0)
        {
            _draining.Remove(session);
            _mailbox.Close(session.Machine.Id);
        }
    }

    private void Cancel(PendingBundle pending, CancellationToken token)
    {
        lock (_gate)
        {
            if (pending.Task.IsCompleted) return;
            Withdraw(pending);
            if (pending.Activity is { } span) Spans.End(span.SetTag(PbftTelemetry.Outcome, "cancelled"));
            pending.TrySetCanceled(token);
            StartWaiting(_clock.Now);
        }
    }

    private void Fail(PendingBundle pending, Exception cause)
    {
        if (pending.Task.IsCompleted) return;
        Withdraw(pending);
        pending.Cancellation.Unregister(); // not Dispose: that waits for a callback, which may wait for the gate
        EndFailed(pending, cause);
        ClientMetrics.OnFailed(cause);
        pending.TrySetException(cause);
    }

    /// <summary>Takes a request out of wherever it is. Its number, if it has one, is never used again.</summary>
    private void Withdraw(PendingBundle pending)
    {
        if (pending.Place is { } place)
        {
            _waiting.Remove(place);
            pending.Place = null;
            if (_session is { IsOpening: true }) Settle(_session);
        }
        else if (pending.Session is { } session && session.InFlight.Remove(pending.Number))
        {
            session.Machine.Abandon(pending.Number);
            Settle(session);
        }
    }

    private void GiveUpOverdue(Instant now)
    {
        List<PendingBundle> overdue = [];
        var next = Instant.Never;
        foreach (var pending in _waiting) Look(pending);
        ForEachSession(session =>
        {
            foreach (var pending in session.InFlight.Values) Look(pending);
        });
        foreach (var pending in overdue) Fail(pending, ReasonToGiveUp(pending));
        if (overdue.Count > 0) StartWaiting(now);
        ArmBy(next, now);

        void Look(PendingBundle pending)
        {
            if (pending.Deadline <= now) overdue.Add(pending);
            else if (pending.Deadline < next) next = pending.Deadline;
        }
    }

    private PbftException ReasonToGiveUp(PendingBundle pending)
    {
        var seconds = $"{pending.Timeout.TotalSeconds:0.###} s";
        if (_transport.State != TransportState.Connected)
        {
            return new PbftConnectionException(_transport.Problem ?? $"There was no connection to the cluster within {seconds}.", pending.WasSent);
        }

        var retryAfter = pending.Session is null ? _session?.RetryAfter ?? default : pending.RetryAfter;
        if (retryAfter > TimeSpan.Zero)
        {
            return new PbftBusyException($"The cluster was too busy for {seconds}. {FateOf(pending)}", retryAfter, pending.WasSent);
        }

        return new PbftTimeoutException(
            pending.WasSent
                ? $"No {Cluster.Cluster.WeakQuorum} replicas gave the same answer within {seconds}. {FateOf(pending)}"
                : $"The request did not get its turn within {seconds}. {FateOf(pending)}",
            pending.WasSent);
    }

    private static string FateOf(PendingBundle pending) =>
        pending.WasSent ? "The outcome is unknown: the operations may have been executed, or may be yet." : "Nothing was executed.";

    private void FailAll(Func<PendingBundle, Exception> causeOf)
    {
        List<PendingBundle> all = [.. _waiting];
        ForEachSession(session => all.AddRange(session.InFlight.Values));
        foreach (var pending in all) Fail(pending, causeOf(pending));
    }

    private SessionInUse? FindSession(RequestId request)
    {
        if (_session is { } current && Holds(current)) return current;
        foreach (var session in _draining)
        {
            if (Holds(session)) return session;
        }

        return null;

        bool Holds(SessionInUse session) => session.IsOpening
            ? request.Session == SessionId.None && request.Number == session.Machine.Nonce
            : request.Session == session.Machine.Id && session.InFlight.ContainsKey(request.Number);
    }

    private void ForEachSession(Action<SessionInUse> action)
    {
        if (_session is { } current) action(current);
        foreach (var session in _draining) action(session);
    }

    private void ArmBy(Instant at, Instant now)
    {
        if (at >= _armedAt) return;
        _armedAt = at;

        // Timers count whole milliseconds and round down: one that fires too early would find nothing due.
        var milliseconds = Math.Ceiling(at.Since(now).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, TimerMax.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
