namespace OrleansPbft.Core.Tests;

/// <summary>Sessions and exactly-once: rules C-2 ... C-6, S-1, S-3.</summary>
public sealed class ClientsTests
{
    /// <summary>C-5: a backup passes a new request on to the primary and times it; the primary hands it to its leader.</summary>
    [Fact]
    public void A_new_request_goes_to_the_primary_with_a_timer_of_its_own()
    {
        var backup = new ReplicaUnderTest(self: 1, configure: o => o with { StatusInterval = TimeSpan.FromMinutes(1) });
        var primary = new ReplicaUnderTest(self: 0);
        var request = Make.Open();

        var passedOn = Assert.Single(backup.Step(request), e => e.Kind == EffectKind.Relay);
        var ordered = Assert.Single(primary.Step(request), e => e.Kind == EffectKind.Order);

        Assert.Equal(new ReplicaId(0), passedOn.To);
        Assert.Same(request, passedOn.Request);
        Assert.Same(request, ordered.Request);
        Assert.Equal(backup.Now.Plus(backup.Options.RequestTimeout), Assert.Single(backup.Effects, e => e.Kind == EffectKind.WakeAt).At);
    }

    /// <summary>C-5, LESSONS B49: the progress of others does not reset a request's timer.</summary>
    [Fact]
    public void A_request_is_overdue_after_its_own_time_out_whatever_else_is_executed()
    {
        var backup = new ReplicaUnderTest().WithSession();
        var starved = Make.Request(1);
        backup.Step(starved);
        var half = backup.Options.RequestTimeout / 2;

        backup.Tick(half);
        backup.Execute(Make.PrePrepare(2, Make.Batch(backup.Now, Make.Request(2))));
        backup.Tick(half);

        var overdue = Assert.Single(backup.Effects, e => e is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.RequestOverdue });
        Assert.Equal((long)backup.Options.RequestTimeout.TotalMicroseconds, overdue.Event.Amount);
        Assert.Same(starved, Assert.Single(backup.Effects, e => e.Kind == EffectKind.Relay).Request);
    }

    /// <summary>C-5, LESSONS B20, B21: an executed request is answered from the cache, and no timer is left behind.</summary>
    [Fact]
    public void An_executed_request_is_answered_and_not_timed()
    {
        var backup = new ReplicaUnderTest().WithSession();
        var request = Make.Request(1);
        backup.Step(request);
        backup.Execute(Make.PrePrepare(2, request));
        var first = Assert.Single(backup.Replies);

        backup.Step(request);
        var again = Assert.Single(backup.Replies);
        Assert.DoesNotContain(backup.Effects, e => e.Kind is EffectKind.Relay or EffectKind.WakeAt);

        Assert.Equal((first.Sequence, first.Status, first.Session), (again.Sequence, again.Status, again.Session));
        Assert.True(first.Results.Span.SequenceEqual(again.Results.Span));
        Assert.DoesNotContain(
            backup.Tick(TimeSpan.FromHours(1)), e => e is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.RequestOverdue });
        Assert.Equal(0, backup.Replica.Snapshot().Pending);
    }

    /// <summary>C-3: a request ordered twice is executed once, and both times answered equally.</summary>
    [Fact]
    public void A_request_ordered_twice_executes_once()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Execute(Make.PrePrepare(2, Make.Request(1)));
        var first = Assert.Single(backup.Replies);

        backup.Execute(Make.PrePrepare(3, Make.Request(1), Make.Request(1)));

        Assert.Equal(["op 1/1/1"], backup.Service.Applied);
        Assert.All(backup.Replies, reply => Assert.Equal(first.Sequence, reply.Sequence));
    }

    /// <summary>C-2: opening with the same nonce is the same opening; another nonce opens another session.</summary>
    [Fact]
    public void A_session_is_opened_once_however_often_the_request_is_ordered()
    {
        var backup = new ReplicaUnderTest();
        backup.Execute(Make.PrePrepare(1, Make.Open(nonce: 7), Make.Open(nonce: 7), Make.Open(nonce: 8)));

        Assert.Equal([1L, 1L, 2L], backup.Replies.Select(r => r.Session.Value));
        Assert.All(backup.Replies, reply => Assert.Equal(ReplyStatus.SessionOpened, reply.Status));
    }

    /// <summary>C-2: requests of unknown or others' sessions get a definite error and execute nothing.</summary>
    [Fact]
    public void A_request_of_a_session_that_is_not_the_clients_executes_nothing()
    {
        var backup = new ReplicaUnderTest().WithSession();

        backup.Execute(Make.PrePrepare(2, Make.Request(1, session: 9), Make.Request(1, session: 1, client: 2)));

        Assert.Equal([ReplyStatus.SessionUnknown, ReplyStatus.SessionUnknown], backup.Replies.Select(r => r.Status));
        Assert.Empty(backup.Service.Applied);
    }

    /// <summary>C-2: a lagging replica never calls unknown what it may have yet to learn; what is evicted stays evicted.</summary>
    [Fact]
    public void Only_sessions_that_were_and_are_no_more_are_refused_without_ordering()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { SessionsMax = 1 }).WithSession();

        backup.Step(Make.Request(1, session: 2));
        Assert.Empty(backup.Replies);

        backup.Execute(Make.PrePrepare(2, Make.Open(client: 2)));
        backup.Step(Make.Request(1, session: 1));
        Assert.Equal(ReplyStatus.SessionUnknown, Assert.Single(backup.Replies).Status);
    }

    /// <summary>C-2: the least recently used session makes room.</summary>
    [Fact]
    public void The_least_recently_used_session_is_evicted()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { SessionsMax = 2 });
        backup.Execute(Make.PrePrepare(1, Make.Open(client: 1), Make.Open(client: 2)));
        backup.Execute(Make.PrePrepare(2, Make.Request(1, session: 1, client: 1))); // session 2 is now the least recent

        backup.Execute(Make.PrePrepare(3, Make.Open(client: 3), Make.Request(2, session: 1, client: 1), Make.Request(1, session: 2, client: 2)));

        Assert.Equal([ReplyStatus.SessionOpened, ReplyStatus.Executed, ReplyStatus.SessionUnknown], backup.Replies.Select(r => r.Status));
    }

    /// <summary>C-3, LESSONS B18: within the window requests execute in any order, each once.</summary>
    [Fact]
    public void Requests_of_a_window_execute_in_any_order()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { SessionWindow = 4 }).WithSession();

        backup.Execute(Make.PrePrepare(2, Make.Request(4), Make.Request(2), Make.Request(1), Make.Request(3), Make.Request(2)));

        Assert.Equal(["op 1/1/4", "op 1/1/2", "op 1/1/1", "op 1/1/3"], backup.Service.Applied);
    }

    /// <summary>C-3: below the window, and beyond it, there is a definite error, and nothing executes.</summary>
    [Fact]
    public void Requests_outside_the_window_get_a_definite_error()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { SessionWindow = 4 }).WithSession();
        backup.Execute(Make.PrePrepare(2, Make.Request(4), Make.Request(8)));

        backup.Execute(Make.PrePrepare(3, Make.Request(4), Make.Request(13), Make.Request(long.MaxValue), Make.Request(12)));

        Assert.Equal(
            [ReplyStatus.BelowWindow, ReplyStatus.AboveWindow, ReplyStatus.AboveWindow, ReplyStatus.Executed], backup.Replies.Select(r => r.Status));
        backup.Step(Make.Request(1));
        Assert.Equal(ReplyStatus.BelowWindow, Assert.Single(backup.Replies).Status);
    }

    /// <summary>C-3: what does not fit into a session's reply cache is dropped, oldest first, and said so; it is not executed again.</summary>
    [Fact]
    public void A_dropped_result_is_said_to_be_dropped()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { OperationsMax = 16, ResultBytesMax = 1024, SessionReplyBytesMax = 1024 }).WithSession();
        var large = new string('x', 600);
        backup.Execute(Make.PrePrepare(2, Make.Request(1, operations: large)));
        backup.Execute(Make.PrePrepare(3, Make.Request(2, operations: large)));

        backup.Step(Make.Request(1, operations: large));
        Assert.Equal(ReplyStatus.ResultDropped, Assert.Single(backup.Replies).Status);
        backup.Step(Make.Request(2, operations: large));
        Assert.Equal(ReplyStatus.Executed, Assert.Single(backup.Replies).Status);
        Assert.Equal(2, backup.Service.Applied.Count);
    }

    /// <summary>C-6: overload is refused with a retry hint, and a refused request is not timed.</summary>
    [Fact]
    public void Overload_is_refused_with_a_hint_and_without_a_timer()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { PendingMax = 2 });
        backup.Step(Make.Open(client: 1));
        backup.Step(Make.Open(client: 2));

        backup.Step(Make.Open(client: 3));

        var refusal = Assert.Single(backup.Replies);
        Assert.Equal(ReplyStatus.Busy, refusal.Status);
        Assert.Equal(backup.Options.BusyRetryAfter, RetryHint.Decode(refusal.Results.Span, otherwise: default));
        Assert.DoesNotContain(backup.Effects, e => e.Kind is EffectKind.Relay or EffectKind.WakeAt);
        Assert.Equal(2, backup.Replica.Snapshot().Pending);
    }

    /// <summary>C-6: admission is fair: one client's many do not keep another's first out.</summary>
    [Fact]
    public void A_greedy_client_leaves_room_for_others()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { PendingMax = 16 });
        for (var nonce = 1; nonce <= 100; nonce++) backup.Step(Make.Open(client: 1, nonce));
        Assert.Equal(ReplyStatus.Busy, Assert.Single(backup.Replies).Status);

        for (var client = 2; client <= 5; client++)
        {
            backup.Step(Make.Open(client));
            Assert.Empty(backup.Replies);
        }
    }

    /// <summary>C-6: the bytes that wait are bounded too.</summary>
    [Fact]
    public void Pending_bytes_are_bounded()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { RequestBytesMax = 1024, PendingBytesMax = 2048 });
        for (var i = 1; i <= 10; i++) backup.Step(new Request(new(Make.Client(i), SessionId.None, 1), [], new byte[1000]));

        Assert.Equal(2, backup.Replica.Snapshot().Pending);
    }

    /// <summary>S-3: an exception is the same error result everywhere, and the others of the bundle go on.</summary>
    [Fact]
    public void A_throwing_operation_yields_a_deterministic_error()
    {
        var results = new[] { 1, 2 }.Select(self =>
        {
            var replica = new ReplicaUnderTest(self).WithSession();
            replica.Execute(Make.PrePrepare(2, Make.Request(1, operations: ["a", "throw", "reject", "huge", "b"])));
            Assert.Equal(["a", "b"], replica.Service.Applied);
            return (Reply: Assert.Single(replica.Replies), Digest: replica.State.ComputeDigest());
        }).ToArray();

        Assert.True(OperationResults.TryRead(results[0].Reply.Results, out var read));
        Assert.Equal(
            [OperationStatus.Done, OperationStatus.Failed, OperationStatus.Rejected, OperationStatus.ResultTooLarge, OperationStatus.Done],
            read.Select(r => r.Status));
        Assert.Equal("not like this", System.Text.Encoding.UTF8.GetString(read[2].Data.Span));
        Assert.True(results[0].Reply.Results.Span.SequenceEqual(results[1].Reply.Results.Span));
        Assert.Equal(results[0].Digest, results[1].Digest);
    }

    /// <summary>S-1: the agreed time only moves forward, and operations of a batch get places and seeds of their own.</summary>
    [Fact]
    public void Context_is_agreed_and_monotonic()
    {
        var backup = new ReplicaUnderTest().WithSession();
        backup.Execute(Make.PrePrepare(2, Make.Batch(Make.Noon.Plus(TimeSpan.FromSeconds(9)), Make.Request(1, operations: ["a", "b"]))));
        var early = Make.PrePrepare(3, Make.Batch(Make.Noon, Make.Request(2, operations: "c"))); // refused, and committed by the others
        backup.Execute(early);

        var contexts = backup.Service.Contexts;
        Assert.Equal([0, 1, 0], contexts.Select(c => c.Position));
        Assert.Equal([2L, 2L, 3L], contexts.Select(c => c.Sequence.Value));
        Assert.Equal(contexts[1].Timestamp.Microseconds + 1, contexts[2].Timestamp.Microseconds);
        Assert.Equal(3, contexts.Select(c => c.Seed).Distinct().Count());
    }

    /// <summary>C-2, C-5, C-6: found by simulation, seed 48. A request whose session is evicted while it waits will never be in a
    /// batch; it kept its place and its timer for ever, and filled up the room for others.</summary>
    [Fact]
    public void A_waiting_request_whose_session_is_evicted_is_answered_and_waits_no_longer()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { SessionsMax = 1 }).WithSession();
        backup.Step(Make.Request(1));
        backup.Execute(Make.PrePrepare(2, Make.Open(client: 2)));
        Assert.Equal(1, backup.Replica.Pending);

        backup.Tick(backup.Options.RequestTimeout);

        Assert.Equal(ReplyStatus.SessionUnknown, Assert.Single(backup.Replies).Status);
        Assert.Equal(0, backup.Replica.Pending);
        Assert.DoesNotContain(backup.Effects, e => e.Kind is EffectKind.Relay or EffectKind.Broadcast);
        Assert.DoesNotContain(backup.Effects, e => e.Kind == EffectKind.WakeAt && e.At < backup.Now.Plus(backup.Options.HeartbeatInterval));
    }

    /// <summary>LESSONS B37: a request of impossible shape is ignored.</summary>
    [Fact]
    public void A_request_outside_the_limits_is_ignored()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { OperationsMax = 2, ResultBytesMax = 1024 });

        backup.Step(Make.Request(0));
        Assert.Equal([IgnoreReason.OutOfLimits], backup.Ignored);
        backup.Step(Make.Request(1, operations: ["a", "b", "c"]));
        Assert.Equal([IgnoreReason.OutOfLimits], backup.Ignored);
        backup.Step(new Request(Make.Id(1), [], Make.Bytes("none")));
        Assert.Equal([IgnoreReason.OutOfLimits], backup.Ignored);
    }
}
