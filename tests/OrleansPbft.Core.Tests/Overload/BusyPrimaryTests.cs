namespace OrleansPbft.Core.Tests;

/// <summary>What a backup makes of a primary that has more to do than it can: a busy one is not a faulty one, and a faulty one does not pass for busy (ADR 0015).</summary>
public sealed class BusyPrimaryTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly ReplicaUnderTest _backup;
    private PrePrepare _open = Make.PrePrepare(2);
    private int _served;

    public BusyPrimaryTests()
    {
        _backup = new ReplicaUnderTest(configure: static o => o with { OrderingDelayMax = o.RequestTimeout, CheckpointInterval = 256, LogWindow = 512 }).WithSession();
        _backup.Step(_open);
    }

    private static Request Withheld => Make.Request(1, session: 50);

    /// <summary>C-5, C-6, LESSONS B21: a request of a client that has its share waiting has no place at the primary, and blames it for nothing.</summary>
    [Fact]
    public void A_busy_primary_that_serves_the_client_is_not_suspected()
    {
        _backup.Step(Withheld);

        for (var i = 1; i <= 55; i++)
        {
            Serve(client: 1);
            Assert.Empty(_backup.Broadcast<Suspect>());
        }
    }

    /// <summary>C-5: all the while it is passed on, so that it has its place once there is room.</summary>
    [Fact]
    public void What_has_no_place_is_passed_on_with_each_timer()
    {
        _backup.Step(Withheld);
        var relays = 0;
        for (var i = 1; i <= 60; i++)
        {
            Serve(client: 1);
            relays += _backup.Effects.Count(static e => e.Kind == EffectKind.Relay && e.Request?.Id == Withheld.Id);
        }

        Assert.Equal(3, relays);
    }

    /// <summary>C-5, LESSONS B49: a client that gets no turn is censored, however busy the primary is with others.</summary>
    [Fact]
    public void A_busy_primary_that_leaves_out_a_client_is_suspected()
    {
        _backup.Step(Make.Open(client: 3)); // waits, and is served
        _backup.Step(Withheld);
        for (var i = 1; i < 20; i++) Serve(client: 3);
        Assert.Empty(_backup.Broadcast<Suspect>());

        Serve(client: 3);

        Assert.Equal(SuspicionCause.RequestOverdue, Cause());
    }

    /// <summary>VC-10: and sooner where turns are to come sooner.</summary>
    [Fact]
    public void A_client_that_gets_no_turn_within_the_ordering_delay_is_enough()
    {
        var backup = new ReplicaUnderTest(configure: static o => o with { CheckpointInterval = 256, LogWindow = 512 }).WithSession();
        var open = Make.PrePrepare(2);
        backup.Step(open);
        backup.Step(Make.Request(1));
        backup.Step(Make.Request(2, client: 3));
        for (var n = 3; n <= 11; n++)
        {
            backup.Now = backup.Now.Plus(Step);
            Assert.Empty(backup.Broadcast<Suspect>());
            var next = Make.PrePrepare(n, Make.Batch(backup.Now, Make.Request(n, client: 3)));
            backup.Step(next);
            backup.Execute(open);
            open = next;
        }

        Assert.Equal((long)SuspicionCause.OrderingTooSlow, Assert.Single(backup.Tick(Step), IsSuspected).Event.Amount);
    }

    /// <summary>C-5, LESSONS B49: one request that is withheld for ever is not excused for ever by its client's others.</summary>
    [Fact]
    public void A_primary_that_withholds_one_request_is_suspected_after_nine_timers()
    {
        _backup.Step(Withheld);
        for (var i = 1; i < 180; i++)
        {
            Serve(client: 1);
            Assert.Empty(_backup.Broadcast<Suspect>());
        }

        Serve(client: 1);

        Assert.Equal(SuspicionCause.RequestOverdue, Cause());
    }

    /// <summary>C-5, C-6, ADR 0017: what waits behind many others of its client is not withheld before they had their turns; once it is next, it has one more timer.</summary>
    [Fact]
    public void A_primary_is_not_suspected_for_what_waits_behind_others_of_its_client()
    {
        const int Ahead = 205;
        for (var i = 1; i <= Ahead; i++) _backup.Step(Make.Request(1, session: 500 + i));
        _backup.Step(Make.Request(1, session: 999));
        for (var i = 1; i < 240; i++)
        {
            if (i <= Ahead) Serve(Make.Request(1, session: 500 + i));
            else Serve(client: 1);
            Assert.DoesNotContain(_backup.Effects, IsSuspected);
        }

        Serve(client: 1);

        Assert.Equal(SuspicionCause.RequestOverdue, Cause());
    }

    /// <summary>VC-10, LESSONS B48: a primary that has nothing proposed, while requests wait, is not busy but slow.</summary>
    [Fact]
    public void A_primary_that_is_idle_for_half_of_the_time_is_suspected()
    {
        _backup.Step(Withheld);
        for (var i = 1; i < 20; i++)
        {
            Assert.Empty(_backup.Broadcast<Suspect>());
            ServeLate(client: 1, idle: Step / 2);
        }

        ServeLate(client: 1, idle: Step / 2);

        Assert.Equal(SuspicionCause.RequestOverdue, Cause());
    }

    /// <summary>VC-10: the short time between what was executed and what comes next makes nobody slow.</summary>
    [Fact]
    public void A_primary_that_is_idle_for_less_than_half_of_the_time_is_not_suspected()
    {
        _backup.Step(Withheld);
        for (var i = 1; i <= 25; i++)
        {
            ServeLate(client: 1, idle: Step * 0.49);
            Assert.Empty(_backup.Broadcast<Suspect>());
        }
    }

    /// <summary>VC-10: one that falls idle is suspected as soon as it was idle for half of the time, and the replica asks to be woken then.</summary>
    [Fact]
    public void A_primary_that_falls_idle_is_suspected_when_half_of_the_time_was_idle()
    {
        _backup.Step(Withheld);
        for (var i = 1; i <= 15; i++) Serve(client: 1);
        _backup.Execute(_open); // at 1.5 s; nothing more comes

        Assert.DoesNotContain(_backup.Tick(TimeSpan.FromSeconds(0.5)), IsSuspected); // its timer, at 2 s, was forgiven
        Assert.DoesNotContain(_backup.Tick(TimeSpan.FromSeconds(0.999)), IsSuspected);

        Assert.Equal((long)SuspicionCause.OrderingTooSlow, Assert.Single(_backup.Tick(TimeSpan.FromSeconds(0.001)), IsSuspected).Event.Amount);
    }

    /// <summary>N-8, VC-10: a primary whose window is full waits for the checkpoint, and is not idle.</summary>
    [Fact]
    public void A_primary_at_the_end_of_its_window_is_not_idle()
    {
        var backup = new ReplicaUnderTest().WithSession();
        for (var n = 2; n <= 7; n++) backup.Execute(Make.PrePrepare(n, Make.Request(n)));
        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(8));
        backup.Step(Make.Request(100));
        backup.Now = backup.Now.Plus(TimeSpan.FromMilliseconds(1));
        backup.Execute(Make.PrePrepare(8, Make.Batch(backup.Now, Make.Request(8))));

        Assert.DoesNotContain(backup.Tick(backup.Options.OrderingDelayMax + Step), IsSuspected);
    }

    /// <summary>C-5: proposing is no service where nothing of it is executed.</summary>
    [Fact]
    public void A_primary_whose_proposals_come_to_nothing_is_suspected()
    {
        _backup.Step(Withheld);
        for (var i = 1; i <= 19; i++)
        {
            _backup.Now = _backup.Now.Plus(Step);
            _backup.Step(Make.PrePrepare(2 + i, Make.Batch(_backup.Now, Make.Request(i))));
            Assert.Empty(_backup.Broadcast<Suspect>());
        }

        Assert.Equal((long)SuspicionCause.RequestOverdue, Assert.Single(_backup.Tick(Step), IsSuspected).Event.Amount);
    }

    /// <summary>The primary proposes the next request of a client, and what it had proposed before is executed.</summary>
    private void Serve(int client) => Serve(Make.Request(++_served, session: 1, client));

    private void Serve(Request request)
    {
        _backup.Now = _backup.Now.Plus(Step);
        var next = Propose(request);
        List<Effect> effects = [.. _backup.Step(next)];
        _backup.Execute(_open);
        _open = next;
        _backup.Remember(effects.Concat(_backup.Effects));
    }

    /// <summary>What it had proposed is executed, and for a while it proposes nothing.</summary>
    private void ServeLate(int client, TimeSpan idle)
    {
        _backup.Now = _backup.Now.Plus(Step - idle);
        _backup.Execute(_open);
        List<Effect> effects = [.. _backup.Effects];
        _backup.Now = _backup.Now.Plus(idle);
        _open = Propose(Make.Request(++_served, session: 1, client));
        effects.AddRange(_backup.Step(_open));
        _backup.Remember(effects);
    }

    private PrePrepare Propose(Request request) => Make.PrePrepare(_open.Sequence.Value + 1, Make.Batch(_backup.Now, request));

    private SuspicionCause Cause() => (SuspicionCause)Assert.Single(_backup.Effects, IsSuspected).Event.Amount;

    private static bool IsSuspected(Effect effect) => effect is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.Suspected };
}
