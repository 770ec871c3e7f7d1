namespace OrleansPbft.Core.Tests;

/// <summary>The client's side: rules C-3, C-4.</summary>
public sealed class ClientSessionTests
{
    private readonly List<ClientEffect> _effects = [];
    private readonly ClientSession _session = new(
        Make.Client(), new() { Cluster = new(4), Window = 4, RetransmitAfter = TimeSpan.FromSeconds(1), RetransmitAfterMax = TimeSpan.FromSeconds(3) }, nonce: 7);

    private Instant _now = Make.Noon;

    private ClientEffect? Completed => _effects.Cast<ClientEffect?>().SingleOrDefault(e => e!.Value.Kind == ClientEffectKind.Complete);

    /// <summary>C-4: f + 1 equal replies of distinct replicas, no fewer, and one replica's many count once (LESSONS B12).</summary>
    [Fact]
    public void F_plus_1_equal_replies_of_distinct_replicas_complete_a_request()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);

        for (var i = 0; i < 10; i++) Reply(number, sender: 3, "lie");
        Assert.Null(Completed);
        Reply(number, sender: 1, "truth");
        Assert.Null(Completed);
        Reply(number, sender: 2, "truth");

        Assert.Equal([1, 2], Completed!.Value.Accepted!.Agreed.ToIndexes());
        Assert.Equal("truth"u8, Completed.Value.Accepted.Reply.Results.Span);
    }

    /// <summary>C-4: replies are equal only with equal sequence, status and results.</summary>
    [Fact]
    public void Replies_that_differ_in_anything_agreed_do_not_add_up()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);

        Reply(number, sender: 0, "r", sequence: 5);
        Reply(number, sender: 1, "r", sequence: 6);
        Reply(number, sender: 2, "r", sequence: 5, status: ReplyStatus.ResultDropped);
        Reply(number, sender: 3, "s", sequence: 5);

        Assert.Null(Completed);
    }

    /// <summary>A late reply is harmless.</summary>
    [Fact]
    public void Late_replies_change_nothing()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        Reply(number, 0, "r");
        Reply(number, 1, "r");
        _effects.Clear();

        Reply(number, 2, "r");
        Reply(number, 3, "other");

        Assert.Empty(_effects);
    }

    /// <summary>C-4: first to the primary believed in, then to all, after waits that double to a cap.</summary>
    [Fact]
    public void Waits_double_to_a_cap_and_then_the_request_goes_to_all()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        Assert.Equal([0], _effects.Single(e => e.Kind == ClientEffectKind.Send).To.ToIndexes());

        var waits = new List<double>();
        var last = _now;
        for (var i = 0; i < 40; i++)
        {
            _now = _now.Plus(TimeSpan.FromMilliseconds(250));
            _effects.Clear();
            _session.Tick(_now, _effects);
            if (_effects.Where(e => e.Kind == ClientEffectKind.Send).ToArray() is [var send])
            {
                Assert.Equal((number, 4), (send.Number, send.To.Count));
                waits.Add(_now.Since(last).TotalSeconds);
                last = _now;
            }
        }

        Assert.Equal([1, 2, 3, 3], waits);
    }

    /// <summary>C-4, LESSONS B52: the view hint moves only when f + 1 replicas name a newer view, and never back.</summary>
    [Fact]
    public void One_replica_can_not_move_the_view_hint()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);

        Reply(number, sender: 3, "r", view: 99);
        Assert.Equal(View.Initial, _session.View);
        Reply(number, sender: 2, "q", view: 5);
        Assert.Equal(new View(5), _session.View);
        Reply(number, sender: 1, "p", view: 2);
        Assert.Equal(new View(5), _session.View);

        _effects.Clear();
        _session.Begin(_now, _effects);
        Assert.Equal([1], _effects.Single(e => e.Kind == ClientEffectKind.Send).To.ToIndexes());
    }

    /// <summary>C-4: it is the (f + 1)-th newest view that is believed, whoever names which.</summary>
    [Fact]
    public void The_view_believed_is_the_newest_that_f_plus_1_replicas_passed()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);

        Reply(number, sender: 0, "r", view: 5);
        Reply(number, sender: 1, "q", view: 3);
        Assert.Equal(new View(3), _session.View);
        Reply(number, sender: 2, "p", view: 4);
        Assert.Equal(new View(4), _session.View);
        Reply(number, sender: 1, "q", view: 2); // what it said before stays said
        Reply(number, sender: 0, "r", view: 4);
        Assert.Equal(new View(4), _session.View);
    }

    /// <summary>The host is asked to come back when the first wait ends, and only when that is sooner than it knows.</summary>
    [Fact]
    public void It_asks_to_be_woken_when_the_next_wait_ends()
    {
        _session.Open(_now, _effects);
        Assert.Equal([1.0], Wakes());
        AnswerOpening();

        At(0.5);
        _session.Begin(_now, _effects);
        Assert.Equal([], Wakes()); // it will be woken before that
        At(1);
        _session.Tick(_now, _effects);
        Assert.Equal([1.5], Wakes());
        At(1.5);
        _session.Tick(_now, _effects); // the first goes to all, and waits two seconds more
        Assert.Equal([3.5], Wakes());
        At(2);
        _session.Begin(_now, _effects);
        Assert.Equal([3.0], Wakes());
        _session.Begin(_now, _effects);
        Assert.Equal([], Wakes()); // it is woken then already
        At(2.2);
        _session.Tick(_now, _effects);
        Assert.Equal([3.5, 3.0], Wakes());
    }

    /// <summary>C-6: a hint from a busy primary wakes the host then, no sooner than the least wait, which doubles each time.</summary>
    [Fact]
    public void A_hint_is_taken_when_it_is_sooner_and_no_shorter_than_the_least_wait()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        _effects.Clear();

        Reply(number, sender: 0, RetryHint.Encode(TimeSpan.FromMilliseconds(1)), ReplyStatus.Busy, sequence: 0);
        Assert.Equal([0.01], Wakes()); // ten milliseconds are the least
        At(0.01);
        _session.Tick(_now, _effects);
        Assert.Equal([3.0], Wakes()); // then to all
        Reply(number, sender: 0, RetryHint.Encode(TimeSpan.FromMilliseconds(1)), ReplyStatus.Busy, sequence: 0);
        Assert.Equal([0.03], Wakes()); // twenty now
        Reply(number, sender: 0, RetryHint.Encode(TimeSpan.FromMilliseconds(1)), ReplyStatus.Busy, sequence: 0);
        Assert.Equal([], Wakes()); // it will be asked again already
        At(0.03);
        _session.Tick(_now, _effects);
        Wakes();
        Reply(number, sender: 0, RetryHint.Encode(TimeSpan.FromMilliseconds(100)), ReplyStatus.Busy, sequence: 0);
        Assert.Equal([0.13], Wakes());
    }

    /// <summary>C-6: a hint that is later than the time at which all are asked does not put that off.</summary>
    [Fact]
    public void A_hint_that_is_later_than_the_patience_with_a_busy_primary_changes_nothing()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        _effects.Clear();

        Reply(number, sender: 0, RetryHint.Encode(TimeSpan.FromSeconds(50)), ReplyStatus.Busy, sequence: 0);
        At(3);
        _session.Tick(_now, _effects);

        Assert.Equal([new ClusterSize(4).All], _effects.Where(static e => e.Kind == ClientEffectKind.Send).Select(static e => e.To));
        Assert.Equal([5.0], Wakes());
    }

    /// <summary>C-6: f + 1 busy backups are believed, and one is not, however often it says so; but it is the primary that decides when it is asked.</summary>
    [Fact]
    public void F_plus_1_busy_backups_are_believed()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        var soon = RetryHint.Encode(TimeSpan.FromMilliseconds(50));
        _effects.Clear();

        for (var i = 0; i < 3; i++) Reply(number, sender: 2, soon, ReplyStatus.Busy, sequence: 0);
        Assert.False(_session.IsRefusedBusy(number));
        Reply(number, sender: 3, soon, ReplyStatus.Busy, sequence: 0);
        Assert.Equal([], Wakes());
        Assert.True(_session.IsRefusedBusy(number));
        Assert.False(_session.IsRefusedBusy(number + 1));
    }

    /// <summary>C-2: the session is opened by the replies to its own opening, and by no other's.</summary>
    [Fact]
    public void Another_opening_of_this_client_does_not_open_this_session()
    {
        _session.Open(_now, _effects);

        foreach (var sender in new[] { 0, 1, 2 })
        {
            _session.OnReply(
                _now, new(View.Initial, new(Make.Client(), SessionId.None, 8), new(1), new(1), ReplyStatus.SessionOpened, default, new(sender)), _effects);
        }

        Assert.Equal(SessionId.None, _session.Id);
        AnswerOpening();
        Assert.Equal(1, _session.Begin(_now, _effects));
        Assert.Equal((2, 1), ((int)_session.NextNumber, _session.InFlight));
    }

    /// <summary>C-3: at most W in flight, and the window moves with the oldest of them.</summary>
    [Fact]
    public void The_window_waits_for_the_oldest_request()
    {
        OpenSession();
        for (var i = 0; i < 4; i++) _session.Begin(_now, _effects);
        Assert.False(_session.CanBegin);

        Complete(3);
        Assert.False(_session.CanBegin);
        Complete(1);
        Assert.True(_session.CanBegin);
        Assert.Equal(5, _session.Begin(_now, _effects));
        Assert.False(_session.CanBegin);
        _session.Abandon(2);
        Assert.Equal(6, _session.Begin(_now, _effects));
        Assert.Equal(7, _session.Begin(_now, _effects));
        Assert.False(_session.CanBegin);
        Assert.Throws<InvalidOperationException>(() => _session.Begin(_now, _effects));
    }

    /// <summary>C-3: when all are answered the whole window is free again.</summary>
    [Fact]
    public void An_idle_session_has_its_whole_window()
    {
        OpenSession();
        for (var number = 1; number <= 3; number++)
        {
            _session.Begin(_now, _effects);
            _effects.Clear();
            Complete(number);
        }

        for (var i = 0; i < 4; i++) _session.Begin(_now, _effects);
        Assert.Equal((4, false), (_session.InFlight, _session.CanBegin));
    }

    /// <summary>C-6: a busy primary's hint says when to try again; one busy backup's does not.</summary>
    [Fact]
    public void Busy_is_waited_out()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        var soon = RetryHint.Encode(TimeSpan.FromMilliseconds(50));

        Reply(number, sender: 2, soon, ReplyStatus.Busy, sequence: 0);
        _effects.Clear();
        _session.Tick(_now = _now.Plus(TimeSpan.FromMilliseconds(60)), _effects);
        Assert.DoesNotContain(_effects, e => e.Kind == ClientEffectKind.Send);
        Assert.False(_session.IsRefusedBusy(number));

        Reply(number, sender: 0, soon, ReplyStatus.Busy, sequence: 0);
        Assert.True(_session.IsRefusedBusy(number));
        Assert.Null(Completed);
        _session.Tick(_now = _now.Plus(TimeSpan.FromMilliseconds(60)), _effects);
        Assert.Contains(_effects, e => e.Kind == ClientEffectKind.Send && e.Number == number);
    }

    /// <summary>C-2: a session the cluster no longer knows is lost for good.</summary>
    [Theory]
    [InlineData(ReplyStatus.SessionUnknown)]
    [InlineData(ReplyStatus.BelowWindow)]
    [InlineData(ReplyStatus.AboveWindow)]
    public void A_refused_session_is_lost(ReplyStatus refusal)
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);

        Reply(number, 0, [], refusal, sequence: 0);
        Assert.False(_session.IsLost);
        Reply(number, 1, [], refusal, sequence: 0);

        Assert.True(_session.IsLost);
        Assert.False(_session.CanBegin);
    }

    /// <summary>Replies to other clients, of strangers, or to numbers never sent are ignored.</summary>
    [Fact]
    public void Replies_that_are_not_ours_are_ignored()
    {
        OpenSession();
        var number = _session.Begin(_now, _effects);
        _effects.Clear();

        foreach (var sender in new[] { 0, 1, 2 })
        {
            _session.OnReply(_now, new(View.Initial, Make.Id(number, client: 2), new(1), new(2), ReplyStatus.Executed, default, new(sender)), _effects);
            _session.OnReply(_now, new(View.Initial, Make.Id(number, session: 2), new(2), new(2), ReplyStatus.Executed, default, new(sender)), _effects);
            _session.OnReply(_now, new(View.Initial, Make.Id(number + 1), new(1), new(2), ReplyStatus.Executed, default, new(sender)), _effects);
            _session.OnReply(_now, new(View.Initial, Make.Id(number), new(1), new(2), ReplyStatus.Executed, default, new(sender + 4)), _effects);
        }

        Assert.Empty(_effects);
    }

    private void OpenSession()
    {
        _session.Open(_now, _effects);
        AnswerOpening();
    }

    private void AnswerOpening()
    {
        foreach (var sender in new[] { 0, 1 })
        {
            _session.OnReply(
                _now, new(View.Initial, new(Make.Client(), SessionId.None, 7), new(1), new(1), ReplyStatus.SessionOpened, default, new(sender)), _effects);
        }

        Assert.Equal(new SessionId(1), _session.Id);
        _effects.Clear();
    }

    private void At(double seconds) => _now = Make.Noon.Plus(TimeSpan.FromSeconds(seconds));

    /// <summary>When it asked to be woken since the last look, in seconds after noon.</summary>
    private double[] Wakes()
    {
        double[] wakes = [.. _effects.Where(static e => e.Kind == ClientEffectKind.WakeAt).Select(static e => e.At.Since(Make.Noon).TotalSeconds)];
        _effects.Clear();
        return wakes;
    }

    private void Complete(long number)
    {
        Reply(number, 0, "r");
        Reply(number, 1, "r");
    }

    private void Reply(long number, int sender, string result, long sequence = 2, long view = 0, ReplyStatus status = ReplyStatus.Executed) =>
        Reply(number, sender, Make.Bytes(result), status, sequence, view);

    private void Reply(long number, int sender, byte[] result, ReplyStatus status, long sequence, long view = 0) =>
        _session.OnReply(_now, new(new(view), Make.Id(number), new(1), new(sequence), status, result, new(sender)), _effects);
}
